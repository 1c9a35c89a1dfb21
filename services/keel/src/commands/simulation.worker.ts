import { parentPort } from 'node:worker_threads';
import { required } from '@evenkeel/kernel';
import { runSharedBlocks } from '@evenkeel/simulation';
import type { SharedSimulation } from '@evenkeel/simulation';
import { ALL_TAKEN } from '../threads/helper-thread';

const port = required(parentPort ?? undefined, 'the thread that started this one');
// Asked for now, so that it is loaded before the first simulation comes.
const runBlocks = runSharedBlocks;

// Works on the blocks of each simulation beside the thread that started this one, until none is left; what HelperThread passes.
port.on('message', (shared: SharedSimulation) => {
  for (const _ of runBlocks(shared));
  port.postMessage(ALL_TAKEN);
});
