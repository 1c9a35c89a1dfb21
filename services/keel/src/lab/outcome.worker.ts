import { parentPort } from 'node:worker_threads';
import '@evenkeel/platform';
import { OutcomeRunner } from './outcome-jobs';
import type { OutcomeJob } from './outcome-jobs';

export interface NumberedJob {
  readonly index: number;
  readonly job: OutcomeJob;
}

const runner = new OutcomeRunner();
parentPort?.on('message', ({ index, job }: NumberedJob) => {
  parentPort?.postMessage({ index, outcome: runner.run(job) });
});
