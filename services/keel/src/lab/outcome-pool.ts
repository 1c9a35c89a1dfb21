import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HedgeOutcome } from '@evenkeel/lab';
import { OutcomeRunner } from './outcome-jobs';
import type { OutcomeJob } from './outcome-jobs';

interface Answer {
  readonly outcomes: readonly HedgeOutcome[];
}

/** Places of jobs that share a market and a book. */
type Batch = readonly number[];

/** Runs of one pass: more share the reading of the market, and each holds a book in memory. */
const TOGETHER_MAX = 5;

/**
 * Runs jobs over worker threads and returns their outcomes in the order of the jobs; the same whatever the number of
 * workers. With one worker everything runs here.
 */
export async function runJobs(
  jobs: readonly OutcomeJob[],
  workers: number,
  onDone: (done: number) => void,
): Promise<HedgeOutcome[]> {
  const outcomes = new Array<HedgeOutcome>(jobs.length);
  const batches = batchesOf(jobs, workers);
  const jobsOf = (batch: Batch): OutcomeJob[] => batch.flatMap((place) => jobs[place] ?? []);
  let done = 0;
  const finish = (batch: Batch, results: readonly HedgeOutcome[]): void => {
    results.forEach((outcome, index) => (outcomes[batch[index] ?? 0] = outcome));
    done += batch.length;
    onDone(done);
  };
  if (workers <= 1 || batches.length === 1) {
    const runner = new OutcomeRunner();
    for (const batch of batches) finish(batch, runner.run(jobsOf(batch)));
    return outcomes;
  }
  const work = async (): Promise<void> => {
    const worker = new Worker(join(__dirname, 'outcome.worker.js'));
    try {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
        finish(batch, (await ask(worker, jobsOf(batch))).outcomes);
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, batches.length) }, work));
  return outcomes;
}

/** Two batches at least for each worker, so that none waits long for the last. */
function batchesOf(jobs: readonly OutcomeJob[], workers: number): Batch[] {
  const groups = new Map<string, number[]>();
  jobs.forEach(({ market, book }, place) => {
    const key = JSON.stringify([market, book]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  });
  const size = Math.max(1, Math.min(TOGETHER_MAX, Math.ceil(jobs.length / (2 * workers))));
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / size) }, (_, index) =>
      group.slice(index * size, (index + 1) * size),
    ),
  );
}

function ask(worker: Worker, jobs: readonly OutcomeJob[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: Answer): void => {
      worker.off('error', onError);
      resolve(answer);
    };
    const onError = (error: Error): void => {
      worker.off('message', onMessage);
      reject(error);
    };
    worker.once('message', onMessage);
    worker.once('error', onError);
    worker.postMessage(jobs);
  });
}
