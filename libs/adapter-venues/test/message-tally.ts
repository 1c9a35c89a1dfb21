import type { Result } from '@evenkeel/kernel';

import type { Feed, VenueEvent } from '@evenkeel/venue-wire';

/** Counts of what was parsed, by venue and kind, and of failures by name; printed so that a silent loss of coverage shows. */
export class Tally {
  private readonly messages = new Map<string, number>();
  private readonly events = new Map<string, number>();
  readonly failures = new Map<string, number>();
  private values = 0;

  constructor(private readonly source: string) {}

  count(feed: Feed, parsed: Result<VenueEvent[]>): void {
    add(this.messages, feed.venue);
    if (!parsed.ok) {
      add(this.failures, `${feed.venue} ${parsed.failure.code} (${parsed.failure.message})`);
      return;
    }
    for (const event of parsed.value) add(this.events, `${feed.venue} ${event.kind}`);
  }

  compared(values: number): void {
    this.values += values;
  }

  print(): void {
    if (this.messages.size === 0) return;
    const lines = [
      `${this.source}: messages ${list(this.messages)}`,
      `${this.source}: events ${list(this.events)}`,
      `${this.source}: failures ${this.failures.size === 0 ? 'none' : list(this.failures)}`,
      `${this.source}: ${this.values} values compared with the expected ones`,
    ];
    process.stderr.write(`${lines.join('\n')}\n`);
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([key, count]) => `${key} ${count}`).join(', ');
}
