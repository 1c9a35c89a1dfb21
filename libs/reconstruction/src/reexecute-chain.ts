import { CHAIN_CODES } from '@evenkeel/audit';
import type { BundleCommit, JudgeChain } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { PartitionReexecution, governanceRecord } from '@evenkeel/engine';
import type { Divergence, Outcome, RecordedCommit } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import type { HedgeDecision } from '@evenkeel/facts';

/** A link of the chain from mark to order, run again. */
export interface ChainLink {
  readonly what: 'snapshot' | 'decision' | 'order';
  readonly seq: number;
  readonly outcome: 'same' | 'differs' | 'not run again';
  /** The first difference, or why it could not be run again; empty where it came out the same. */
  readonly message: string;
}

/**
 * Runs the snapshot that a decision was made on, the decision and its orders again, from the commits of one epoch in the order of
 * the journal. They must hold what the book's cores said and heard before; a core that does not come by its earlier answers again
 * has other inputs than it had, and says so instead.
 */
export function reexecuteChain(
  commits: readonly RecordedCommit[],
  decisionSeq: number,
): readonly ChainLink[] {
  const target = commits.find(({ seq }) => seq === decisionSeq);
  const decision = target?.commit.events.flatMap(({ event }) =>
    event.type === 'HedgeDecided' || event.type === 'HedgeDeclined' ? [event.payload] : [],
  )[0];
  if (target === undefined || decision === undefined) return [];
  const links = linksOf(commits, target, decision);
  const last = Math.max(...links.keys());
  const governance = governanceRecord();
  const outcomes = new Map<number, Outcome>();
  const cores = new PartitionReexecution(
    undefined,
    {},
    ({ stored }, outcome) => void outcomes.set(stored.seq, outcome),
  );
  const found: Divergence[] = [];
  for (const commit of commits) {
    if (commit.seq > last) break;
    const judged = governance.judged(commit);
    if (commit.commit.partition === target.commit.partition) found.push(...cores.push(judged));
  }
  found.push(...cores.finish());
  return [...links].map(([seq, { what, context }]) => {
    const astray = found.find((one) => one.context === context && one.seq < seq);
    if (astray !== undefined) {
      const message = `its core does not come by what is on record at sequence ${astray.seq} (${astray.message}): inputs it had are missing, or were altered`;
      return { what, seq, outcome: 'not run again', message };
    }
    if (hasGap(commits, context, seq))
      return { what, seq, outcome: 'not run again', message: 'what its core said before is not all there' };
    const outcome = outcomes.get(seq);
    if (outcome === undefined)
      return { what, seq, outcome: 'not run again', message: 'what it answers is not among the commits' };
    const { difference, notRunAgain } = outcome;
    if (difference !== '') return { what, seq, outcome: 'differs', message: difference };
    if (notRunAgain !== '') return { what, seq, outcome: 'not run again', message: notRunAgain };
    return { what, seq, outcome: 'same', message: '' };
  });
}

/** True where an aggregate of a core does not begin with its first commit, or leaves one out. */
function hasGap(commits: readonly RecordedCommit[], context: Divergence['context'], until: number): boolean {
  const versions = new Map<string, number>();
  for (const { seq, commit } of commits) {
    if (seq > until) return false;
    if (commit.aggregate.context !== context) continue;
    const key = aggregateKey(commit.aggregate);
    if (commit.fromVersion !== (versions.get(key) ?? 0) + 1) return true;
    versions.set(key, commit.toVersion);
  }
  return false;
}

type Place = { readonly what: ChainLink['what']; readonly context: Divergence['context'] };

/** Where the links stand, in the order of the chain. */
function linksOf(
  commits: readonly RecordedCommit[],
  target: RecordedCommit,
  { snapshotId, decisionId }: HedgeDecision,
): ReadonlyMap<number, Place> {
  const links = new Map<number, Place>();
  for (const { seq, commit } of commits)
    for (const { event } of commit.events) {
      if (event.type === 'RiskSnapshotTaken' && event.payload.snapshotId === snapshotId)
        links.set(seq, { what: 'snapshot', context: 'risk' });
      else if (seq === target.seq) links.set(seq, { what: 'decision', context: 'strategy' });
      else if (
        (event.type === 'OrderIntended' || event.type === 'OrderRefused') &&
        event.payload.decisionId === decisionId
      )
        links.set(seq, { what: 'order', context: 'execution' });
    }
  return links;
}

/** The links around the decisions of a bundle but for the decisions themselves, which are run again to their whole bytes. */
export const judgeChain: JudgeChain = (decision, commits, findings) => {
  for (const link of reexecuteChain(
    commits.filter(({ epoch }) => epoch === decision.epoch).map(read),
    decision.seq,
  ))
    if (link.what !== 'decision') addTo(findings, link, decision.epoch);
};

function addTo(
  findings: Parameters<JudgeChain>[2],
  { what, seq, outcome, message }: ChainLink,
  epoch: string,
): void {
  const codes = CHAIN_CODES[what === 'order' ? 'order' : 'snapshot'];
  if (outcome === 'same')
    findings.established(
      codes.same,
      `The ${what} at sequence ${seq} was run again and came out the same, byte for byte.`,
    );
  else if (outcome === 'differs')
    findings.broken(codes.differs, `the ${what} was ${message}`, { epoch, seq });
  else
    findings.notEstablished(
      'AUDIT.NOT_REEXECUTED',
      `The ${what} at sequence ${seq} could not be run again: ${message}.`,
    );
}

function read({ seq, bytes, hash }: BundleCommit): RecordedCommit {
  return { seq, bytes, hash, commit: decodeCommit(bytes) };
}
