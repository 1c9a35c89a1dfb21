// What it hashes with: in the language alone a run takes 1.1 × as long.
import '@evenkeel/platform';
import { parentPort } from 'node:worker_threads';
import { required } from '@evenkeel/kernel';
import { ALL_TAKEN } from '../threads/helper-thread';
import { OutcomeRunner } from './outcome-jobs';
import { runSharedJobs } from './shared-outcomes';
import type { SharedJobs } from './shared-outcomes';

const port = required(parentPort ?? undefined, 'the thread that started this one');
const runner = new OutcomeRunner();
port.on('message', (shared: SharedJobs) => {
  for (const done of runSharedJobs(runner, shared)) port.postMessage(done);
  port.postMessage(ALL_TAKEN);
});
