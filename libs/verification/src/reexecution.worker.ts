import { parentPort, workerData } from 'node:worker_threads';
import '@evenkeel/platform';
import { decodeCommit } from '@evenkeel/contracts';
import type { ReexecutionRecord } from '@evenkeel/engine';
import { ReexecutionUnits } from './reexecution-units';
import type { FromWorker, ToWorker } from './reexecution-messages';

const NO_HASH = new Uint8Array(0);
const units = new ReexecutionUnits(new Map(workerData as readonly (readonly [string, ReexecutionRecord])[])); // as the pool made it

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
    counts: units.counts,
    findings: units.taken(),
    ...(message.kind === 'records' ? { records: units.records() } : {}),
  };
  parentPort?.postMessage(answer);
});
