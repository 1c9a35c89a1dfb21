import type { LedgerFinding } from './finding';
import type { AuditedCommit } from './verification-ports';
import { DecisionUnits } from './decision-units';
import type { ReplayRecords, ResumableAuditor } from './reexecution-pool';

/** Runs decisions again on this very thread: for small ledgers, where threads cost more than they save. */
export class InlineAuditor implements ResumableAuditor {
  private readonly units: DecisionUnits;
  private readonly found: LedgerFinding[] = [];
  private epoch: string | undefined;

  constructor(
    records: ReplayRecords = [],
    private readonly before = 0,
  ) {
    this.units = new DecisionUnits(new Map(records));
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

  get decisions(): number {
    return this.units.decisions + this.before;
  }

  takeFindings(): readonly LedgerFinding[] {
    return this.found.splice(0);
  }

  finish(): Promise<{ readonly decisions: number; readonly findings: readonly LedgerFinding[] }> {
    for (const epoch of this.units.epochs()) this.units.close(epoch);
    this.found.push(...this.units.taken());
    return Promise.resolve({ decisions: this.decisions, findings: this.takeFindings() });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
