import { parentPort, workerData } from 'node:worker_threads';
import '@evenkeel/platform';
import { planSimulation } from '@evenkeel/lab';
import type { SimulationJob } from '@evenkeel/lab';
import type { FinishedBlock } from './simulation-workers';

// The thread that starts this one hands it a job and then block numbers, one at a time.
const job = workerData as SimulationJob; // what runBlocks passes
const plan = planSimulation(job.config, job.policies);

parentPort?.on('message', (block: number) => {
  const finished: FinishedBlock = { block, outcomes: plan.run(block) };
  parentPort?.postMessage(
    finished,
    finished.outcomes.flatMap(({ hedgeCostPv, costs, trades, turnover }) => [
      hedgeCostPv.buffer as ArrayBuffer,
      costs.buffer as ArrayBuffer,
      trades.buffer as ArrayBuffer,
      turnover.buffer as ArrayBuffer,
    ]),
  );
});
parentPort?.postMessage('ready');
