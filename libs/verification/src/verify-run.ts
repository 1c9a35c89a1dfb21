import { sumOfCounts } from '@evenkeel/engine';
import type { LedgerFinding, VerificationReport } from './finding';
import { GovernedAuditor } from './governed-auditor';
import { InlineAuditor } from './inline-auditor';
import { ReexecutionPool } from './reexecution-pool';
import type { ResumableAuditor } from './reexecution-pool';
import type { JudgeTrail, TrailEvidence, VerifiableLedger, VerifyStateStore } from './verification-ports';
import type { VerifyState } from './verify-state';

export interface VerifyRunOptions {
  /** Threads that run the cores again besides this one; 0 runs them here. */
  readonly threads: number;
  readonly trail: JudgeTrail;
  /** What the roster of every epoch must descend from; any roster will do without one. */
  readonly rosterHash?: string;
  /** Desk keys, hex, that epochs must have been opened under; any will do without. */
  readonly deskKeys?: readonly string[];
  /** Kept while it goes on; taken up again when there is one. */
  readonly state?: VerifyStateStore<VerifyState>;
  readonly positionEvery?: number;
  /** Whether to build the read models again and compare; true unless told or resumed. */
  readonly readModels?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface FullReport extends VerificationReport {
  readonly trail: {
    readonly origin: string | undefined;
    /** `unread`: reading it stopped at a finding. `contradicted`: whole in itself, and the rows do not give what it signs. */
    readonly status: 'sound' | 'damaged' | 'unread' | 'contradicted' | 'absent';
    readonly checkpoints: number;
    /** Commits under the newest signed checkpoint. */
    readonly signedSize: number;
    readonly witnessed: { readonly size: number; readonly witnesses: readonly string[] } | undefined;
    readonly tiles: number;
  };
  /** Commits that an earlier verification had judged. */
  readonly resumedAfter: number;
}

/** Verifies the ledger, its tree, what was signed over it, and everything that the cores said; see `keel audit verify`. */
export async function runVerification(
  ledger: VerifiableLedger,
  options: VerifyRunOptions,
): Promise<FullReport> {
  const store = options.state;
  const kept = store?.read();
  const gone = new Set((await ledger.detached()).map(({ epoch }) => epoch));
  // Where the rows it stood at have left, all that is there is read.
  const state = kept !== undefined && gone.has(kept.position.epoch) ? undefined : kept;
  const evidence = await options.trail();
  const { rosterHash } = options;
  const auditor = new GovernedAuditor(
    options.threads > 0
      ? new ReexecutionPool(options.threads, state?.replays, state?.counts)
      : new InlineAuditor(state?.replays, state?.counts),
    {
      ...(rosterHash === undefined ? {} : { rosterHash }),
      ...(state?.roster === undefined ? {} : { last: state.roster }),
    },
  );
  try {
    if (state !== undefined) {
      await auditor.resume(ledger, state.position);
      await feedAgain(ledger, auditor, state);
    }
    const report = await ledger.verify({
      auditor,
      heads: evidence.examination?.heads ?? [],
      ...(evidence.examination === undefined ? {} : { leafAt: evidence.examination.leafAt }),
      ...(state === undefined ? {} : { resume: state.position }),
      ...(options.deskKeys === undefined ? {} : { deskKeys: options.deskKeys }),
      readModels: options.readModels ?? true,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      ...(options.positionEvery === undefined ? {} : { positionEvery: options.positionEvery }),
      ...(store === undefined
        ? {}
        : {
            onPosition: async (position) =>
              store.write({
                format: 'evenkeel verify-state/v2',
                position,
                ...(await standingOf(auditor)),
                ...(auditor.last === undefined ? {} : { roster: auditor.last }),
              }),
          }),
    });
    return joined(report, evidence, state?.position.commits ?? 0);
  } finally {
    await auditor.close();
  }
}

/** Where the open partitions stand, and what was counted of those that are done. */
async function standingOf(auditor: ResumableAuditor): Promise<Pick<VerifyState, 'replays' | 'counts'>> {
  const replays = await auditor.records();
  const open = sumOfCounts(
    ...replays.flatMap(([, { risk, strategy, execution }]) => [
      risk.counts,
      strategy.counts,
      execution.counts,
    ]),
  );
  const less = open.map((count) => ({ ...count, events: -count.events }));
  return { replays, counts: sumOfCounts(auditor.counts, less) };
}

/** Commits that a partition had read and not judged are read again. */
async function feedAgain(
  ledger: VerifiableLedger,
  auditor: ResumableAuditor,
  state: VerifyState,
): Promise<void> {
  const { epoch, seq } = state.position;
  const from = new Map(
    state.replays.map(([unit, cores]) => [
      unit,
      Math.min(...Object.values(cores).map(({ fromSeq }) => fromSeq)),
    ]),
  );
  const first = Math.min(seq + 1, ...from.values());
  for await (const commit of ledger.commitsBetween(epoch, first, seq)) {
    const known = from.get(`${epoch}/${commit.commit.partition}`);
    if (known !== undefined && commit.seq >= known) await auditor.push(commit);
  }
}

function joined(report: VerificationReport, evidence: TrailEvidence, resumedAfter: number): FullReport {
  const { examination, findings } = evidence;
  const all: readonly LedgerFinding[] = [...findings, ...report.findings];
  const status = findings.length > 0 ? 'divergent' : report.status;
  return {
    ...report,
    status,
    findings: all,
    findingCount: report.findingCount + findings.length,
    trail: {
      origin: evidence.origin,
      status: trailStatus(report, evidence),
      checkpoints: examination?.checkpoints ?? 0,
      signedSize: examination?.newest?.size ?? 0,
      witnessed: examination?.witnessed,
      tiles: examination?.tiles ?? 0,
    },
    resumedAfter,
  };
}

/** Where the list of findings was cut, one of these may have been left out of it. */
const AGAINST_TRAIL: ReadonlySet<string> = new Set(['AUDIT.ROOT_MISMATCH', 'AUDIT.ROWS_MISSING']);

function trailStatus(
  report: VerificationReport,
  { examination, findings }: TrailEvidence,
): FullReport['trail']['status'] {
  if (examination === undefined) return findings.length > 0 ? 'unread' : 'absent';
  if (findings.length > 0) return 'damaged';
  const isCut = report.findingCount > report.findings.length && report.headsAgreed < examination.heads.length;
  return isCut || report.findings.some(({ code }) => AGAINST_TRAIL.has(code)) ? 'contradicted' : 'sound';
}
