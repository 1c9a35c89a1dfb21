import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { planSimulation, runSharedBlocks, shareSimulation, sharedOutcomes } from '@evenkeel/simulation';
import type { PathOutcomes, SharedSimulation, SimulationJob } from '@evenkeel/simulation';

/** Runs a simulation and gives what became of the paths under each policy. */
export type RunSimulation = (
  job: SimulationJob,
  onProgress: (done: number) => void,
) => Promise<readonly PathOutcomes[]>;

/**
 * Gives `use` what runs simulations on `workers` threads, this one included. The others start at once, so that they load while `use`
 * reads what there is to do, and stay for every simulation of it: to start one takes as long as two million path-steps. A path
 * depends on the job alone, so the number of threads shows in nothing but the time taken.
 */
export async function withSimulationThreads<T>(
  workers: number,
  use: (run: RunSimulation) => Promise<T>,
): Promise<T> {
  const threads = Array.from({ length: workers - 1 }, () => new SimulationThread());
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

/** A thread of simulation.worker.js: it answers each simulation that it is handed once no block of it is left to take. */
class SimulationThread {
  readonly #worker = new Worker(join(__dirname, 'simulation.worker.js'));
  /** Never kept; broken when the thread fails or ends. */
  readonly #failed = new Promise<never>((_, reject) => {
    this.#worker.once('error', reject);
    this.#worker.once('exit', (code) =>
      reject(new Error(`a thread of the simulation ended (exit code ${code})`)),
    );
  });

  constructor() {
    // Who waits for an answer hears of it; a thread that nobody waits for has ended as it should.
    this.#failed.catch(() => undefined);
  }

  async help(shared: SharedSimulation): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#worker.once('message', () => resolve());
    });
    this.#worker.postMessage(shared);
    await Promise.race([answered, this.#failed]);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
