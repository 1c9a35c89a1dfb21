import type { PathOutcomes } from './hedge-account';
import { outcomeBytes, outcomesIn, planSimulation } from './simulation';
import type { SimulationJob } from './simulation';

/** What the threads of a simulation share: the job, the number of the next block, and room for what becomes of every path. */
export interface SharedSimulation {
  readonly job: SimulationJob;
  readonly outcomes: SharedArrayBuffer;
  /** The next block to run, and how many are done. */
  readonly progress: SharedArrayBuffer;
}

/** A job and the memory it needs, every block of it still to run. */
export function shareSimulation(job: SimulationJob): SharedSimulation {
  return {
    job,
    outcomes: new SharedArrayBuffer(outcomeBytes(job)),
    progress: new SharedArrayBuffer(8),
  };
}

/**
 * Runs blocks that nobody has taken yet, each as it is asked for; gives the share of all blocks that is done. Nothing is sent between
 * threads: one that had to wait for the other's answer stood idle for half of every block.
 */
export function* runSharedBlocks({ job, outcomes, progress }: SharedSimulation): Generator<number, void> {
  const plan = planSimulation(job.config, job.policies);
  const into = outcomesIn(outcomes, job);
  const counters = new Int32Array(progress);
  for (;;) {
    const block = Atomics.add(counters, 0, 1);
    if (block >= plan.blocks) return;
    plan.run(block, into);
    yield (Atomics.add(counters, 1, 1) + 1) / plan.blocks;
  }
}

/** What became of every path under each policy, once all blocks are run. */
export function sharedOutcomes({ job, outcomes }: SharedSimulation): readonly PathOutcomes[] {
  return outcomesIn(outcomes, job);
}
