import type { Micros } from './row';

/** One option as a chain says it, in its own quote unit; volatility per 1.00. */
export interface ChainRow {
  readonly instrument: string;
  readonly symbol: string;
  readonly bid: string | undefined;
  readonly ask: string | undefined;
  readonly mark: string;
  readonly volatility: string | undefined;
  /** Of the expiry, in USD; undefined where it is to be found by put-call parity. */
  readonly forward: string | undefined;
  /** Price of the underlying; undefined where the chain lacks it. */
  readonly index: string | undefined;
  /** Where the row stands, for what is amiss with it. */
  readonly file: string;
  readonly line: number;
}

/**
 * The newest quote of each option at whole steps of time, from rows in the order of time. What was not quoted anew within a step is
 * not told again, so that nothing looks fresher than it is.
 */
export class ChainSnapshots {
  private newest = new Map<string, ChainRow>();
  private end: Micros | undefined;
  /** Rows that a newer one of the same step took the place of. */
  replaced = 0;

  constructor(
    /** Undefined where the rows are snapshots already, and stay at their own times. */
    private readonly step: Micros | undefined,
    private readonly take: (at: Micros, rows: readonly ChainRow[]) => void,
  ) {}

  row(at: Micros, row: ChainRow): void {
    const end = this.step === undefined ? at : Math.ceil(at / this.step) * this.step;
    if (end !== this.end) {
      this.finish();
      this.end = end;
    }
    if (this.newest.has(row.instrument)) this.replaced += 1;
    this.newest.set(row.instrument, row);
  }

  finish(): void {
    if (this.end === undefined) return;
    const rows = [...this.newest.values()].sort((a, b) => (a.instrument < b.instrument ? -1 : 1));
    this.take(this.end, rows);
    this.newest = new Map();
    this.end = undefined;
  }
}
