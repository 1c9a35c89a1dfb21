import { parentPort } from 'node:worker_threads';
import { OutcomeRunner } from './outcome-jobs';
import type { OutcomeJob } from './outcome-jobs';

const runner = new OutcomeRunner();
parentPort?.on('message', (jobs: readonly OutcomeJob[]) => {
  parentPort?.postMessage({ outcomes: runner.run(jobs) });
});
