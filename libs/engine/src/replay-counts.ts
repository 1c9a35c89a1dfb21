import type { DomainEvent, EventType } from '@evenkeel/facts';

/** Events of one type that were run again, or were not, and then why. */
export interface ReplayCount {
  readonly type: EventType;
  readonly events: number;
  /** What of them stands on no journal; absent where everything was run again. */
  readonly notRunAgain?: string;
}

export class ReplayCounts {
  private readonly known = new Map<
    string,
    { readonly type: EventType; readonly why: string; events: number }
  >();

  constructor(counts: readonly ReplayCount[] = []) {
    for (const { type, events, notRunAgain = '' } of counts) this.addTo(type, notRunAgain, events);
  }

  /** `why` they were not run again; empty where they were. */
  add(events: readonly DomainEvent[], why: string): void {
    for (const { type } of events) this.addTo(type, why, 1);
  }

  take(counts: readonly ReplayCount[]): void {
    for (const { type, events, notRunAgain = '' } of counts) this.addTo(type, notRunAgain, events);
  }

  /** By type, what was run again before what was not. */
  get list(): readonly ReplayCount[] {
    return [...this.known.values()]
      .sort((a, b) => compareTexts(a.type, b.type) || compareTexts(a.why, b.why))
      .map(({ type, why, events }) => (why === '' ? { type, events } : { type, events, notRunAgain: why }));
  }

  private addTo(type: EventType, why: string, events: number): void {
    const key = `${type}\n${why}`;
    const known = this.known.get(key);
    if (known === undefined) this.known.set(key, { type, why, events });
    else known.events += events;
  }
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Added up over partitions, cores or ledgers. */
export function sumOfCounts(...lists: readonly (readonly ReplayCount[])[]): readonly ReplayCount[] {
  const sum = new ReplayCounts();
  for (const counts of lists) sum.take(counts);
  return sum.list;
}

const DECISIONS: ReadonlySet<string> = new Set(['HedgeDecided', 'HedgeDeclined']);
const ORDERS: ReadonlySet<string> = new Set(['OrderIntended', 'OrderRefused']);

/** What a person asks first of the counts. */
export interface RunAgain {
  readonly snapshots: number;
  readonly decisions: number;
  readonly orders: number;
  /** Everything else that the cores said. */
  readonly others: number;
  readonly notRunAgain: number;
}

export function runAgainIn(counts: readonly ReplayCount[]): RunAgain {
  const sum = { snapshots: 0, decisions: 0, orders: 0, others: 0, notRunAgain: 0 };
  for (const { type, events, notRunAgain } of counts) {
    if (notRunAgain !== undefined) sum.notRunAgain += events;
    else if (type === 'RiskSnapshotTaken') sum.snapshots += events;
    else if (DECISIONS.has(type)) sum.decisions += events;
    else if (ORDERS.has(type)) sum.orders += events;
    else sum.others += events;
  }
  return sum;
}
