import type { HeaderLine } from './bundle-lines';
import type { FindingList } from './findings';
import { placeKey } from './references';
import type { BundleCommit } from './references';

/**
 * Decides again. Gets the decision and every commit of the bundle before it, in order, and gives back the bytes of the
 * commit as the core would have it (host times and trace ids taken from the recorded envelope), or why it cannot.
 */
export type Reexecute = (
  decision: BundleCommit,
  before: readonly BundleCommit[],
) =>
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'not-possible'; readonly reason: string };

/** Runs what led to a decision, and what followed from it, again; says what came of it. */
export type JudgeChain = (
  decision: BundleCommit,
  commits: readonly BundleCommit[],
  findings: FindingList,
) => void;

/** What of a chain is run again, by who knows its cores. */
export interface ChainJudges {
  readonly reexecute?: Reexecute;
  readonly judgeChain?: JudgeChain;
}

/** What a judge of the chain finds, besides what is found of decisions. */
export const CHAIN_CODES = {
  snapshot: { same: 'AUDIT.SNAPSHOT_REEXECUTED', differs: 'AUDIT.SNAPSHOT_DIVERGED' },
  order: { same: 'AUDIT.ORDER_REEXECUTED', differs: 'AUDIT.ORDER_DIVERGED' },
} as const;

/** The first position where two byte strings differ; `undefined` when they are the same. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at += 1) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : common;
}

export function reexecuteSubjects(
  header: HeaderLine,
  commits: readonly BundleCommit[],
  { reexecute, judgeChain }: ChainJudges,
  findings: FindingList,
): void {
  if (reexecute === undefined) {
    findings.notEstablished(
      'AUDIT.NOT_REEXECUTED',
      'Whether the same code decides the same again: it was not run here.',
    );
    return;
  }
  const byPlace = new Map(commits.map((commit) => [placeKey(commit), commit]));
  for (const place of header.subjects) {
    const decision = byPlace.get(placeKey(place));
    if (decision === undefined) continue;
    // What is broken already needs no second run to say so.
    if (!findings.anyBroken()) judgeChain?.(decision, commits, findings);
    const answer = runAgain(reexecute, decision, commits);
    if (answer.kind === 'not-possible') {
      findings.notEstablished(
        'AUDIT.NOT_REEXECUTED',
        `Sequence ${place.seq} could not be decided again: ${answer.reason}`,
      );
      continue;
    }
    const at = firstDifference(decision.bytes, answer.bytes);
    if (at === undefined) {
      findings.established(
        'AUDIT.REEXECUTED',
        `Sequence ${place.seq} was decided again and came out the same, byte for byte.`,
      );
    } else {
      findings.broken(
        'AUDIT.REEXECUTION_DIVERGED',
        `deciding again gives other bytes, first at byte ${at}`,
        place,
      );
    }
  }
}

function runAgain(
  reexecute: Reexecute,
  decision: BundleCommit,
  commits: readonly BundleCommit[],
): ReturnType<Reexecute> {
  try {
    return reexecute(
      decision,
      commits.filter((commit) => commit.index < decision.index),
    );
  } catch (error) {
    return { kind: 'not-possible', reason: error instanceof Error ? error.message : 'it failed' };
  }
}
