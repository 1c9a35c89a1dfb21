// A million orders through the production cores of one partition, each core taken out of its own snapshot again on the way: the heap
// after every hundred thousand, beside the heap after the first. Beyond a tenth more the bench fails.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const GROWTH_MAX = 1.1;
const STEPS = 10;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Bytes that are reachable. */
function heapUsed() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** What a book takes in all three cores together, beyond a book of one leg. */
function legRows(SoakDesk) {
  const legs = 1_000;
  const books = 5;
  const heapOf = (count) => {
    const before = heapUsed();
    const desks = Array.from({ length: books }, (_, at) => new SoakDesk(`legs ${at}`, 'light', count));
    for (const desk of desks) for (let steps = 0; steps < 5; steps += 1) desk.step();
    const heap = (heapUsed() - before) / books / 1e6;
    return desks.length === books ? heap : Number.NaN;
  };
  heapOf(legs);
  const value = heapOf(legs) - heapOf(1);
  const metric = `heap of a book of ${legs.toLocaleString('en')} legs, in risk, strategy and execution together`;
  return [{ metric, value, unit: 'MB', met: true }];
}

export default async function bench({ quick }) {
  const { SoakDesk } = require('../dist/soak-desk.test-support.js');
  const orders = quick ? 200_000 : 1_000_000;
  const step = orders / STEPS;
  const desk = new SoakDesk('soak bench', 'light');
  const rows = [];
  let first;
  let revivedAt = 0;
  for (let reached = step; reached <= orders; reached += step) {
    while (desk.orders < reached) {
      desk.step();
      if (desk.orders - revivedAt < step / 10) continue;
      desk.revive();
      revivedAt = desk.orders;
    }
    const snapshot = desk.revive();
    revivedAt = desk.orders;
    const kept = desk.kept();
    const heap = heapUsed() / 1e6;
    first ??= heap;
    const note = `${kept.execution.orders} orders and ${kept.execution['account-fills']} fills kept, snapshots ${(snapshot / 1e6).toFixed(1)} MB`;
    process.stderr.write(`  ${desk.orders} orders: heap ${heap.toFixed(1)} MB, ${note}\n`);
    rows.push({
      metric: `heap after ${reached.toLocaleString('en')} orders`,
      value: heap,
      unit: 'MB',
      against: `heap after the first ${step.toLocaleString('en')}`,
      ratio: heap / first,
      aim: `≤ ${GROWTH_MAX}`,
      met: heap <= GROWTH_MAX * first,
      note,
    });
  }
  rows.push(...legRows(SoakDesk));
  const grown = rows.filter(({ met }) => !met);
  if (grown.length > 0)
    throw new Error(`the heap grows: ${grown.map(({ value }) => value.toFixed(1)).join(', ')} MB`);
  return { name: 'soak', rows };
}
