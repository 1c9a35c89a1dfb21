import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import { runAgainIn } from '@evenkeel/engine';
import type { RunAgain } from '@evenkeel/engine';
import type { LedgerFinding } from './finding';
import type { ResumableAuditor } from './reexecution-pool';
import type { JudgeTrail, VerifiableLedger, VerifyPosition } from './verification-ports';

export interface ContinuousOptions {
  readonly ledger: VerifiableLedger;
  readonly trail: JudgeTrail;
  readonly auditor: ResumableAuditor;
  /** Stops a book, or the firm where no book can be named. */
  readonly engage: (scope: string, reason: string) => Promise<void>;
  readonly onRound?: (round: RoundReport) => void;
  readonly resume?: VerifyPosition;
  readonly onPosition?: (position: VerifyPosition) => Promise<void> | void;
  readonly intervalMs?: number;
}

export interface RoundReport {
  readonly commits: number;
  /** Snapshots, decisions and orders run again, and what could not be. */
  readonly runAgain: RunAgain;
  /** Commits in the ledger that are not verified yet. */
  readonly lag: number;
  readonly findings: readonly LedgerFinding[];
  /** Scopes that were stopped for them. */
  readonly stopped: readonly string[];
}

const INTERVAL_MS = 1_000;
/** The trail is judged as a whole (signatures, tiles), which is not done for every handful of rows. */
const TRAIL_EVERY_ROUNDS = 30;

/**
 * Verifies a ledger while it grows: rows, chain, tree, signed heads, and everything the cores said run again. What it finds stops
 * the book it is about. Its lag is a metric: a verifier that does not keep up proves nothing yet.
 */
export class ContinuousVerifier {
  readonly registry = new Registry();
  private readonly lag: Gauge;
  private readonly verified: Gauge;
  private readonly runAgain: Gauge<'what'>;
  private readonly divergences: Counter<'code'>;
  private readonly stopped = new Set<string>();
  private readonly told = new Set<string>();
  private position: VerifyPosition | undefined;
  private ending = false;
  private rounds = 0;

  constructor(private readonly options: ContinuousOptions) {
    const registers = [this.registry];
    const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
    this.lag = gauge('evenkeel_verifier_lag_commits', 'Commits in the ledger that are not verified yet.');
    this.verified = gauge('evenkeel_verifier_commits', 'Commits verified.');
    this.runAgain = new Gauge({
      name: 'evenkeel_verifier_run_again',
      help: 'Events run again: snapshots, decisions, orders, others; and notRunAgain.',
      labelNames: ['what'],
      registers,
    });
    this.divergences = new Counter({
      name: 'evenkeel_verifier_divergences_total',
      help: 'What contradicts the record, by code.',
      labelNames: ['code'],
      registers,
    });
    this.position = options.resume;
  }

  /** Runs until `stop`. A database that is away is tried again; anything found does not end it. */
  async run(onTrouble: (error: unknown) => void = () => undefined): Promise<void> {
    while (!this.ending) {
      try {
        this.options.onRound?.(await this.round());
      } catch (error) {
        onTrouble(error);
      }
      if (!this.ending) await delay(this.options.intervalMs ?? INTERVAL_MS);
    }
  }

  stop(): void {
    this.ending = true;
  }

  /** Verifies what has come since the last round. */
  async round(): Promise<RoundReport> {
    const { ledger, auditor, trail } = this.options;
    const judged = this.rounds % TRAIL_EVERY_ROUNDS === 0 ? await trail() : undefined;
    this.rounds += 1;
    const before = this.position;
    const report = await ledger.verify({
      readModels: false,
      evenAfterFindings: true,
      heads: judged?.examination?.heads ?? [],
      ...(judged?.examination === undefined ? {} : { leafAt: judged.examination.leafAt }),
      ...(before === undefined ? {} : { resume: before }),
      onPosition: async (position) => {
        this.position = position;
        await this.options.onPosition?.(position);
      },
      auditor: {
        push: (commit) => auditor.push(commit),
        finish: async () => {
          await auditor.records(); // everything pushed has been judged by then
          return { counts: auditor.counts, findings: auditor.takeFindings() };
        },
      },
    });
    const findings = [...(judged?.findings ?? []), ...report.findings].filter((finding) =>
      this.isNew(finding),
    );
    const stopped = await this.react(findings);
    const left = report.detached.reduce((sum, { commits }) => sum + commits, 0);
    const lag = Math.max(0, (await ledger.size()) - left - report.commits);
    this.lag.set(lag);
    this.verified.set(report.commits);
    const runAgain = runAgainIn(auditor.counts);
    for (const [what, events] of Object.entries(runAgain)) this.runAgain.set({ what }, events);
    return { commits: report.commits, runAgain, lag, findings, stopped };
  }

  private isNew({ epoch, seq, code, where }: LedgerFinding): boolean {
    const key = `${code}|${epoch}|${seq}|${where ?? ''}`;
    if (this.told.has(key)) return false;
    this.told.add(key);
    return true;
  }

  private async react(findings: readonly LedgerFinding[]): Promise<readonly string[]> {
    const stopped: string[] = [];
    for (const finding of findings) {
      this.divergences.inc({ code: finding.code });
      const scope = await this.scopeOf(finding);
      if (this.stopped.has(scope)) continue;
      this.stopped.add(scope);
      await this.options.engage(scope, `${finding.code}: ${finding.message}`.slice(0, 300));
      stopped.push(scope);
    }
    return stopped;
  }

  private async scopeOf({ epoch, seq }: LedgerFinding): Promise<string> {
    const book = await this.options.ledger.bookOf(epoch, seq);
    return book === undefined ? 'firm' : `book:${book}`;
  }
}
