import { DecisionReplay } from './decision-replay';
import { governanceRecord } from './governance';
import type { Divergence, RecordedCommit } from './decision-replay';

export interface Reexecution {
  /** Decisions (made or refused) that were run again. */
  readonly decisions: number;
  readonly divergences: readonly Divergence[];
}

/**
 * Runs the hedge programs of a whole journal again, each partition by itself, and compares every commit they make, byte
 * for byte, with the one on record. Inputs after the last recorded answer of a partition are left out: the service may
 * not have got to them. `createCore`: the program core to run; the one of this build unless told.
 */
export function reexecuteDecisions(
  commits: Iterable<RecordedCommit>,
  createCore?: ConstructorParameters<typeof DecisionReplay>[1],
): Reexecution {
  const replays = new Map<string, { replay: DecisionReplay; divergences: Divergence[] }>();
  const governance = governanceRecord();
  for (const commit of commits) {
    const stored = governance.judged(commit);
    const { partition } = stored.commit;
    const one = replays.get(partition) ?? {
      replay: new DecisionReplay(undefined, createCore),
      divergences: [],
    };
    replays.set(partition, one);
    one.divergences.push(...one.replay.push(stored));
  }
  let decisions = 0;
  const divergences: Divergence[] = [];
  for (const partition of [...replays.keys()].sort()) {
    const one = replays.get(partition);
    if (one === undefined) continue;
    divergences.push(...one.divergences, ...one.replay.finish());
    decisions += one.replay.decisions;
  }
  return { decisions, divergences };
}
