import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { planSimulation } from '@evenkeel/lab';
import type { BlockOutcome, SimulationJob } from '@evenkeel/lab';

/** What a worker sends back for one block. */
export interface FinishedBlock {
  readonly block: number;
  readonly outcomes: readonly BlockOutcome[];
}

/**
 * Runs all blocks of a simulation on `workers` threads, this one included, and gives them in their order. A block's outcome
 * depends on the job alone, so the number of threads shows in nothing but the time taken.
 */
export async function runBlocks(
  job: SimulationJob,
  workers: number,
  onProgress: (done: number) => void,
): Promise<readonly (readonly BlockOutcome[])[]> {
  const plan = planSimulation(job.config, job.policies);
  const finished: (readonly BlockOutcome[])[] = new Array<readonly BlockOutcome[]>(plan.blocks);
  let next = 0;
  let done = 0;
  const keep = (block: number, outcomes: readonly BlockOutcome[]): void => {
    finished[block] = outcomes;
    done += 1;
    onProgress(done / plan.blocks);
  };
  const threads = Math.min(workers, plan.blocks) - 1;
  const helpers = Array.from({ length: threads }, () =>
    helper(
      job,
      () => (next < plan.blocks ? next++ : undefined),
      ({ block, outcomes }) => keep(block, outcomes),
    ),
  );
  const all = Promise.all(helpers.map(({ ended }) => ended));
  // A failure in a thread surfaces below; until then it must not count as unhandled.
  all.catch(() => undefined);
  try {
    while (next < plan.blocks) {
      const block = next++;
      keep(block, plan.run(block));
      if (threads > 0) await nextTurn();
    }
    await all;
  } finally {
    await Promise.all(helpers.map(({ worker }) => worker.terminate()));
  }
  return finished;
}

function helper(
  job: SimulationJob,
  take: () => number | undefined,
  keep: (block: FinishedBlock) => void,
): { readonly worker: Worker; readonly ended: Promise<void> } {
  const worker = new Worker(join(__dirname, 'simulation.worker.js'), { workerData: job });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.on('message', (message: FinishedBlock | 'ready') => {
      if (message !== 'ready') keep(message);
      const block = take();
      if (block === undefined) resolve();
      else worker.postMessage(block);
    });
  });
  return { worker, ended };
}
