import { parentPort, workerData } from 'node:worker_threads';
import '@evenkeel/platform';
import { decodeCommit } from '@evenkeel/contracts';
import type { ReplayRecord } from '@evenkeel/engine';
import { DecisionUnits } from './decision-units';
import type { FromWorker, ToWorker } from './reexecution-messages';

const NO_HASH = new Uint8Array(0);
const units = new DecisionUnits(new Map(workerData as readonly (readonly [string, ReplayRecord])[])); // as the pool made it

parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'rows') {
    let at = 0;
    for (const [index, seq] of message.seqs.entries()) {
      const length = message.lengths[index] ?? 0;
      const bytes = message.bytes.subarray(at, at + length);
      at += length;
      const refusals = message.refusals.get(index);
      const commit = { seq, bytes, hash: NO_HASH, commit: decodeCommit(bytes) };
      units.push(message.epoch, refusals === undefined ? commit : { ...commit, refusals });
    }
  } else if (message.kind === 'close') units.close(message.epoch);
  const answer: FromWorker = {
    decisions: units.decisions,
    findings: units.taken(),
    ...(message.kind === 'records' ? { records: units.records() } : {}),
  };
  parentPort?.postMessage(answer);
});
