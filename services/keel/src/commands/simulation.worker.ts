import { workerData } from 'node:worker_threads';
import { runSharedBlocks } from './simulation-workers';
import type { SharedSimulation } from './simulation-workers';

// Works on the blocks of a simulation beside the thread that started this one, until none is left; what runSimulation passes.
for (const _ of runSharedBlocks(workerData as SharedSimulation));
