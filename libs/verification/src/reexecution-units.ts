import type { LedgerFinding } from './finding';
import { PartitionReexecution, sumOfCounts } from '@evenkeel/engine';
import type { Divergence, RecordedCommit, ReexecutionRecord, ReplayCount } from '@evenkeel/engine';

/** Cores of some partitions of some epochs, run again, with what was found. A thread has one of these, or the main program. */
export class ReexecutionUnits {
  private readonly units = new Map<string, PartitionReexecution>();
  private finished: readonly ReplayCount[] = [];
  private found: LedgerFinding[] = [];

  constructor(records: ReadonlyMap<string, ReexecutionRecord> = new Map()) {
    for (const [unit, record] of records) this.units.set(unit, new PartitionReexecution(record));
  }

  push(epoch: string, stored: RecordedCommit): void {
    const unit = `${epoch}/${stored.commit.partition}`;
    const known = this.units.get(unit) ?? new PartitionReexecution();
    this.units.set(unit, known);
    this.add(epoch, known.push(stored));
  }

  /** Nothing more comes in this epoch. */
  close(epoch: string): void {
    for (const [unit, one] of this.units) {
      if (!unit.startsWith(`${epoch}/`)) continue;
      this.add(epoch, one.finish());
      this.finished = sumOfCounts(this.finished, one.counts);
      this.units.delete(unit);
    }
  }

  private add(epoch: string, divergences: readonly Divergence[]): void {
    for (const divergence of divergences) {
      const { seq, message } = divergence;
      this.found.push({ epoch, seq, code: codeOf(divergence), message });
    }
  }

  /** What was run again so far. */
  get counts(): readonly ReplayCount[] {
    return sumOfCounts(this.finished, ...[...this.units.values()].map(({ counts }) => counts));
  }

  /** Findings since the last call. */
  taken(): readonly LedgerFinding[] {
    const found = this.found;
    this.found = [];
    return found;
  }

  /** Where the open units stand. */
  records(): readonly (readonly [unit: string, record: ReexecutionRecord])[] {
    return [...this.units].map(([unit, one]) => [unit, one.record()] as const);
  }

  epochs(): readonly string[] {
    return [...new Set([...this.units.keys()].map((unit) => unit.slice(0, unit.lastIndexOf('/'))))];
  }
}

/** Which link of the chain from mark to order does not hold. */
function codeOf({ context, types }: Divergence): string {
  if (context === 'strategy') return 'LEDGER.DECISION_DIVERGES';
  if (context === 'execution') return 'LEDGER.ORDER_DIVERGES';
  return types.includes('RiskSnapshotTaken') ? 'LEDGER.SNAPSHOT_DIVERGES' : 'LEDGER.BOOK_DIVERGES';
}
