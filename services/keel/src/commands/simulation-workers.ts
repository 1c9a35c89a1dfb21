import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { outcomeBytes, outcomesIn, planSimulation } from '@evenkeel/lab';
import type { PathOutcomes, SimulationJob } from '@evenkeel/lab';

/** What the threads of a simulation share: the job, the number of the next block, and room for what becomes of every path. */
export interface SharedSimulation {
  readonly job: SimulationJob;
  readonly outcomes: SharedArrayBuffer;
  /** The next block to run, and how many are done. */
  readonly progress: SharedArrayBuffer;
}

/**
 * Blocks that nobody has taken yet, each run as it is asked for; gives the share of all blocks that is done. Nothing is sent between
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

/**
 * Runs a simulation on `workers` threads, this one included, and gives what became of the paths under each policy. A path depends on
 * the job alone, so the number of threads shows in nothing but the time taken.
 */
export async function runSimulation(
  job: SimulationJob,
  workers: number,
  onProgress: (done: number) => void,
): Promise<readonly PathOutcomes[]> {
  const shared: SharedSimulation = {
    job,
    outcomes: new SharedArrayBuffer(outcomeBytes(job)),
    progress: new SharedArrayBuffer(8),
  };
  const threads = Math.min(workers, planSimulation(job.config, job.policies).blocks) - 1;
  const helpers = Array.from({ length: threads }, () => helper(shared));
  const all = Promise.all(helpers.map(({ ended }) => ended));
  // A failure in a thread surfaces below; until then it must not count as unhandled.
  all.catch(() => undefined);
  try {
    for (const done of runSharedBlocks(shared)) {
      onProgress(done);
      if (threads > 0) await nextTurn();
    }
    await all;
  } finally {
    await Promise.all(helpers.map(({ worker }) => worker.terminate()));
  }
  return outcomesIn(shared.outcomes, job);
}

function helper(workerData: SharedSimulation): { readonly worker: Worker; readonly ended: Promise<void> } {
  const worker = new Worker(join(__dirname, 'simulation.worker.js'), { workerData });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
  return { worker, ended };
}
