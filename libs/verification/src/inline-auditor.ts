import type { LedgerFinding } from './finding';
import type { AuditResult, AuditedCommit } from './verification-ports';
import { sumOfCounts } from '@evenkeel/engine';
import type { ReplayCount } from '@evenkeel/engine';
import { ReexecutionUnits } from './reexecution-units';
import type { ReplayRecords, ResumableAuditor } from './reexecution-pool';

/** Runs the cores again on this very thread: for small ledgers, where threads cost more than they save. */
export class InlineAuditor implements ResumableAuditor {
  private readonly units: ReexecutionUnits;
  private readonly found: LedgerFinding[] = [];
  private epoch: string | undefined;

  constructor(
    records: ReplayRecords = [],
    private readonly before: readonly ReplayCount[] = [],
  ) {
    this.units = new ReexecutionUnits(new Map(records));
  }

  push(commit: AuditedCommit): void {
    if (this.epoch !== undefined && this.epoch !== commit.epoch) this.units.close(this.epoch);
    this.epoch = commit.epoch;
    this.units.push(commit.epoch, commit);
    this.found.push(...this.units.taken());
  }

  records(): Promise<ReplayRecords> {
    return Promise.resolve(this.units.records());
  }

  get counts(): readonly ReplayCount[] {
    return sumOfCounts(this.before, this.units.counts);
  }

  takeFindings(): readonly LedgerFinding[] {
    return this.found.splice(0);
  }

  finish(): Promise<AuditResult> {
    for (const epoch of this.units.epochs()) this.units.close(epoch);
    this.found.push(...this.units.taken());
    return Promise.resolve({ counts: this.counts, findings: this.takeFindings() });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
