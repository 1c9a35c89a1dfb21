import type { DomainEvent, EventPayloads } from '@evenkeel/facts';
import { toHex } from '@evenkeel/kernel';

/** A quarantine on record, with the commit that says so. */
export interface Quarantine extends Readonly<EventPayloads['CommitQuarantined']> {
  readonly commitId: string;
}

/**
 * The messages of one epoch that people have quarantined. That a reader passes one over also takes that he himself cannot
 * believe it: what can be read, and was said by whom it says, stays.
 */
export class Quarantines {
  private readonly known = new Map<string, Quarantine>();

  constructor(private readonly epoch: string) {}

  fold(commitId: string, events: readonly DomainEvent[]): void {
    for (const event of events) {
      if (event.type !== 'CommitQuarantined' || event.payload.epoch !== this.epoch) continue;
      const { sequence, sha256 } = event.payload;
      const key = keyOf(sequence, sha256);
      if (!this.known.has(key)) this.known.set(key, { ...event.payload, commitId });
    }
  }

  get all(): readonly Quarantine[] {
    return [...this.known.values()];
  }

  /** The quarantine of these bytes at that place. */
  of(seq: number, hash: Uint8Array): Quarantine | undefined {
    return this.known.get(keyOf(String(seq), toHex(hash)));
  }
}

function keyOf(seq: string, sha256: string): string {
  return `${seq}/${sha256}`;
}
