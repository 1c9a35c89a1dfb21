import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { planSimulation, runSharedBlocks, shareSimulation, sharedOutcomes } from '@evenkeel/simulation';
import type { PathOutcomes, SharedSimulation, SimulationJob } from '@evenkeel/simulation';
import { HelperThread } from '../threads/helper-thread';

/** Runs a simulation and gives what became of the paths under each policy. */
export type RunSimulation = (
  job: SimulationJob,
  onProgress: (done: number) => void,
) => Promise<readonly PathOutcomes[]>;

type SimulationThread = HelperThread<SharedSimulation>;

/**
 * Gives `use` what runs simulations on `workers` threads, this one included. A path depends on the job alone, so the number of
 * threads shows in nothing but the time taken.
 */
export async function withSimulationThreads<T>(
  workers: number,
  use: (run: RunSimulation) => Promise<T>,
): Promise<T> {
  const threads = Array.from(
    { length: workers - 1 },
    (): SimulationThread => new HelperThread(join(__dirname, 'simulation.worker.js')),
  );
  try {
    return await use((job, onProgress) => runOn(threads, job, onProgress));
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

async function runOn(
  threads: readonly SimulationThread[],
  job: SimulationJob,
  onProgress: (done: number) => void,
): Promise<readonly PathOutcomes[]> {
  const shared = shareSimulation(job);
  const helpers = threads.slice(0, planSimulation(job.config, job.policies).blocks - 1);
  const all = Promise.all(helpers.map((thread) => thread.help(shared)));
  // A failure in a thread surfaces below; until then it must not count as unhandled.
  all.catch(() => undefined);
  for (const done of runSharedBlocks(shared)) {
    onProgress(done);
    if (helpers.length > 0) await nextTurn();
  }
  await all;
  return sharedOutcomes(shared);
}
