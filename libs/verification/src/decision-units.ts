import type { LedgerFinding } from './finding';
import { DecisionReplay } from '@evenkeel/engine';
import type { RecordedCommit, ReplayRecord } from '@evenkeel/engine';

/** Replays of some partitions of some epochs, with what they found. A thread has one of these, or the main program. */
export class DecisionUnits {
  private readonly replays = new Map<string, DecisionReplay>();
  private finished = 0;
  private found: LedgerFinding[] = [];

  constructor(records: ReadonlyMap<string, ReplayRecord> = new Map()) {
    for (const [unit, record] of records) this.replays.set(unit, new DecisionReplay(record));
  }

  push(epoch: string, stored: RecordedCommit): void {
    const unit = `${epoch}/${stored.commit.partition}`;
    const replay = this.replays.get(unit) ?? new DecisionReplay();
    this.replays.set(unit, replay);
    for (const { seq, message } of replay.push(stored)) this.add(epoch, seq, message);
  }

  /** Nothing more comes in this epoch. */
  close(epoch: string): void {
    for (const [unit, replay] of this.replays) {
      if (!unit.startsWith(`${epoch}/`)) continue;
      for (const { seq, message } of replay.finish()) this.add(epoch, seq, message);
      this.finished += replay.decisions;
      this.replays.delete(unit);
    }
  }

  private add(epoch: string, seq: number, message: string): void {
    this.found.push({ epoch, seq, code: 'LEDGER.DECISION_DIVERGES', message });
  }

  /** Decisions run again so far. */
  get decisions(): number {
    return [...this.replays.values()].reduce((sum, replay) => sum + replay.decisions, this.finished);
  }

  /** Findings since the last call. */
  taken(): readonly LedgerFinding[] {
    const found = this.found;
    this.found = [];
    return found;
  }

  /** Where the open units stand. */
  records(): readonly (readonly [unit: string, record: ReplayRecord])[] {
    return [...this.replays].map(([unit, replay]) => [unit, replay.record()] as const);
  }

  epochs(): readonly string[] {
    return [...new Set([...this.replays.keys()].map((unit) => unit.slice(0, unit.lastIndexOf('/'))))];
  }
}
