import { governanceRecord } from '@evenkeel/engine';
import type { ReplayCount } from '@evenkeel/engine';
import { headOf } from '@evenkeel/governance';
import type { GovernanceRecord, Roster } from '@evenkeel/governance';
import type { LedgerFinding } from './finding';
import type { ReplayRecords, ResumableAuditor } from './reexecution-pool';
import type { AuditResult, AuditedCommit, VerifiableLedger, VerifyPosition } from './verification-ports';

/** The roster that an epoch ended with, where the epoch said that the next one must begin with it. */
export interface LastRoster {
  readonly epoch: string;
  readonly head: string;
}

export interface GovernedAuditorOptions {
  /** What the roster of every epoch must descend from, where the auditor knows it. */
  readonly rosterHash?: string;
  /** Of the epoch before the one that is gone on with. */
  readonly last?: LastRoster;
}

/**
 * Judges what people agreed to, epoch by epoch in order, and hands every commit on with what is held against it: the cores
 * are run again as their hosts heard their inputs. Every approval that does not count, and every effect without one that needed
 * one, is a finding.
 */
export class GovernedAuditor implements ResumableAuditor {
  private record: GovernanceRecord;
  private epoch: string | undefined;
  private lastRoster: LastRoster | undefined;
  private takenUpTo = 0;
  private findings: LedgerFinding[] = [];

  constructor(
    private readonly auditor: ResumableAuditor,
    private readonly options: GovernedAuditorOptions = {},
  ) {
    this.record = governanceRecord(options.rosterHash);
    this.lastRoster = options.last;
  }

  /** Goes on after a position: what stood before it has been judged, and is what the rest is judged by. */
  async resume(ledger: VerifiableLedger, { epoch, seq }: VerifyPosition): Promise<void> {
    this.begin(epoch);
    for await (const commit of ledger.commitsBetween(epoch, 1, seq)) this.record.take(commit.commit);
    this.takenUpTo = seq;
  }

  push(commit: AuditedCommit): Promise<void> | void {
    if (commit.epoch !== this.epoch) this.begin(commit.epoch);
    if (commit.seq > this.takenUpTo) {
      this.takenUpTo = commit.seq;
      this.judge(commit);
    }
    const refusals = this.record.refusalsOf(commit.commit.commitId);
    return this.auditor.push(refusals === undefined ? commit : { ...commit, refusals });
  }

  /** The roster that the epoch before this one ended with. */
  get last(): LastRoster | undefined {
    return this.lastRoster;
  }

  get counts(): readonly ReplayCount[] {
    return this.auditor.counts;
  }

  records(): Promise<ReplayRecords> {
    return this.auditor.records();
  }

  takeFindings(): readonly LedgerFinding[] {
    const found = this.findings;
    this.findings = [];
    return [...found, ...this.auditor.takeFindings()];
  }

  async finish(): Promise<AuditResult> {
    const { counts, findings } = await this.auditor.finish();
    const own = this.findings;
    this.findings = [];
    return { counts, findings: [...own, ...findings] };
  }

  close(): Promise<void> {
    return this.auditor.close();
  }

  private begin(epoch: string): void {
    const { roster, required } = this.record;
    // Older builds opened each epoch with the roster at hand, and said nothing of it.
    if (this.epoch !== undefined && roster !== undefined && required !== undefined)
      this.lastRoster = { epoch: this.epoch, head: headOf(roster) };
    this.epoch = epoch;
    this.takenUpTo = 0;
    this.record = governanceRecord(this.options.rosterHash);
  }

  private judge({ epoch, seq, commit }: AuditedCommit): void {
    const before = this.record.roster;
    for (const { problem, message } of this.record.take(commit)) this.add(epoch, seq, problem, message);
    const { roster } = this.record;
    if (before === undefined && roster !== undefined) this.checkDescent(epoch, seq, roster);
  }

  private checkDescent(epoch: string, seq: number, { heads }: Roster): void {
    const last = this.lastRoster;
    if (last === undefined || heads.includes(last.head)) return;
    const message = `the roster does not descend from the one that epoch ${last.epoch} ended with (${last.head})`;
    this.add(epoch, seq, 'ROSTER_CONTRADICTED', message);
  }

  private add(epoch: string, seq: number, problem: string, message: string): void {
    this.findings.push({ epoch, seq, code: `GOVERNANCE.${problem}`, message });
  }
}
