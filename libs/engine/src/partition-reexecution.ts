import { CoreReplay } from './core-replay';
import type { Outcome, ReplayRecord, ReplayRules } from './core-replay';
import { governanceRecord } from './governance';
import { ORDER_REPLAY } from './order-replay';
import { PROGRAM_REPLAY } from './program-replay';
import { recordedOf } from './recorded-commit';
import type { Divergence, Recorded, RecordedCommit } from './recorded-commit';
import { sumOfCounts } from './replay-counts';
import type { ReplayCount } from './replay-counts';
import { RISK_REPLAY } from './risk-replay';
import { CORES } from './topology';
import type { CoreContext } from './topology';

/** Where the cores of a partition stand, as plain JSON. */
export type ReexecutionRecord = Readonly<Record<CoreContext, ReplayRecord>>;

const RULES: Readonly<Record<CoreContext, ReplayRules<unknown>>> = {
  risk: RISK_REPLAY,
  strategy: PROGRAM_REPLAY,
  execution: ORDER_REPLAY,
};

/** Cores to run in the place of this build's, where a test plants them. */
export type PlantedCores = Readonly<Partial<Record<CoreContext, ReplayRules<unknown>['createCore']>>>;

/** Runs all cores of one partition again, side by side over its commits: the whole chain from mark to order. */
export class PartitionReexecution {
  private readonly replays: readonly CoreReplay[];

  constructor(
    from?: ReexecutionRecord,
    planted: PlantedCores = {},
    judged?: (recorded: Recorded, outcome: Outcome) => void,
  ) {
    this.replays = CORES.map((context) => {
      const createCore = planted[context] ?? RULES[context].createCore;
      return new CoreReplay({ ...RULES[context], createCore }, from?.[context], judged);
    });
  }

  /** Takes the partition's next commit; the divergences it brought to light. */
  push(stored: RecordedCommit): readonly Divergence[] {
    const recorded = recordedOf(stored);
    return this.replays.flatMap((replay) => replay.push(recorded));
  }

  /** Judges what is left up to the last answer of each core. */
  finish(): readonly Divergence[] {
    return this.replays.flatMap((replay) => replay.finish());
  }

  get counts(): readonly ReplayCount[] {
    return sumOfCounts(...this.replays.map(({ counts }) => counts));
  }

  /** Where it stands; pushing the rest of the journal into one made from this gives the same findings. */
  record(): ReexecutionRecord {
    return Object.fromEntries(
      CORES.map((context, index) => [context, this.replays[index]?.record()]),
    ) as unknown as ReexecutionRecord; // one replay a core
  }
}

export interface Reexecution {
  readonly counts: readonly ReplayCount[];
  readonly divergences: readonly Divergence[];
}

/**
 * Runs the cores of a whole journal again, each partition by itself, and compares every commit they make, byte for byte, with the
 * one on record. Inputs after the last recorded answer of a core are left out: the service may not have got to them.
 */
export function reexecuteJournal(commits: Iterable<RecordedCommit>, planted?: PlantedCores): Reexecution {
  const partitions = new Map<string, PartitionReexecution>();
  const governance = governanceRecord();
  const divergences: Divergence[] = [];
  for (const commit of commits) {
    const stored = governance.judged(commit);
    const { partition } = stored.commit;
    const known = partitions.get(partition) ?? new PartitionReexecution(undefined, planted);
    partitions.set(partition, known);
    divergences.push(...known.push(stored));
  }
  const all = [...partitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  for (const one of all) divergences.push(...one.finish());
  return {
    counts: sumOfCounts(...all.map(({ counts }) => counts)),
    divergences: divergences.sort((a, b) => a.seq - b.seq),
  };
}
