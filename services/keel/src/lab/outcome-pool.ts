import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HedgeOutcome } from '@evenkeel/lab';
import { OutcomeRunner } from './outcome-jobs';
import type { OutcomeJob } from './outcome-jobs';

interface Answer {
  readonly index: number;
  readonly outcome: HedgeOutcome;
}

/**
 * Runs jobs over worker threads and returns their outcomes in the order of the jobs; the same whatever the number of
 * workers. With one worker everything runs here.
 */
export async function runJobs(
  jobs: readonly OutcomeJob[],
  workers: number,
  onDone: (done: number) => void,
): Promise<HedgeOutcome[]> {
  if (workers <= 1 || jobs.length === 1) {
    const runner = new OutcomeRunner();
    return jobs.map((job, index) => {
      const outcome = runner.run(job);
      onDone(index + 1);
      return outcome;
    });
  }
  const outcomes = new Array<HedgeOutcome>(jobs.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(join(__dirname, 'outcome.worker.js'));
    try {
      while (next < jobs.length) {
        const index = next;
        next += 1;
        const { outcome } = await ask(worker, index, jobs[index]);
        outcomes[index] = outcome;
        done += 1;
        onDone(done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
  return outcomes;
}

function ask(worker: Worker, index: number, job: OutcomeJob | undefined): Promise<Answer> {
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
    worker.postMessage({ index, job });
  });
}
