import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadTape } from '@evenkeel/config';
import { Reactor } from '@evenkeel/engine';
import { decodeState, encodeState } from '@evenkeel/eventing';
import type { ReactorMemory } from '@evenkeel/eventing';
import { createRandom, toHex } from '@evenkeel/kernel';
import type { Json, Random } from '@evenkeel/kernel';
import { parseBookFile } from '@evenkeel/market';
import { busyDemonstration, itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { runInProcess } from './in-process-run';
import type { LabRun, LabRunOptions } from './in-process-run';

afterEach(() => jest.restoreAllMocks());

/** The same run, each core taken out of its bytes again before one input in `every`, at random. */
function interrupted(options: LabRunOptions, random: Random, every: number): [LabRun, number] {
  const observe = Reactor.prototype.observe;
  let revived = 0;
  jest.spyOn(Reactor.prototype, 'observe').mockImplementation(function (
    this: Reactor<unknown, unknown>,
    cause,
  ) {
    if (random.integer(every) === 0) {
      revived += 1;
      this.restore(decodeState(encodeState(this.memory())) as ReactorMemory<unknown>); // what was just written
    }
    observe.call(this, cause);
  });
  const run = runInProcess(options);
  jest.restoreAllMocks();
  return [run, revived];
}

function expectSame(options: LabRunOptions, seed: string, every: number): void {
  const plain = runInProcess(options);
  const [run, revived] = interrupted(options, createRandom(seed), every);
  expect(revived).toBeGreaterThan(20);
  expect(plain.journal.all.length).toBeGreaterThan(50);
  expect(run.decisionDigest).toBe(plain.decisionDigest);
  const first = run.journal.all.findIndex(
    ({ hash }, at) => toHex(hash) !== toHex(plain.journal.all[at]?.hash ?? hash),
  );
  expect(first).toBe(-1);
  expect(run.journal.all).toHaveLength(plain.journal.all.length);
}

const { tape, book } = busyDemonstration('snapshots', 1);
const source = 'the demonstration book';
/** `EK_SOAK=1` runs every policy, and the recorded month. */
const SOAK = process.env['EK_SOAK'] === '1';
/** Policies that keep something between evaluations, each in a way of its own. */
const REMEMBERING = [
  'delta-band-edge-0.5.json',
  'gamma-scalping.json',
  'multi-greek.json',
  'vault-of-whalley-wilmott.json',
];
const policies = resolve(__dirname, '..', 'policies', 'btc-eth-desk');

describe('cores that go on from their own bytes', () => {
  it('say the same to the last byte, whatever moment it happens at', () => {
    expectSame({ tape, books: [{ file: book, source }] }, 'moments', 30);
  });

  it.each(SOAK ? readdirSync(policies).filter((name) => !name.endsWith('-fitted.json')) : REMEMBERING)(
    'do so under the policy %s',
    (name) => {
      const policy = JSON.parse(readFileSync(join(policies, name), 'utf8')) as Json; // a policy file
      expectSame({ tape, books: [{ file: book, source, policy }] }, name, 10);
    },
  );

  it('do so with orders worked over time, routed, refused and lost', () => {
    const execution = { algorithm: 'twap', horizon: 'PT10M', slices: 4 };
    const file = { ...book, hedge: { ...book.hedge, execution } };
    const quirks = { rejects: 0.1, lost: 0.1, silent: 0.1, partials: 0.3, splits: 0.3 };
    expectSame({ tape, books: [{ file, source }], venue: { quirks } }, 'orders', 300);
  });

  (SOAK ? itWithSharedData('data/crypto-options-2026-01') : it.skip)(
    'do so on a recorded month of two underlyings',
    () => {
      const shared = sharedDir() ?? '';
      const path = join(shared, 'books', 'btc-eth-desk.json');
      const desk = parseBookFile(readFileSync(path, 'utf8'), path);
      const month = loadTape(join(shared, 'data', 'crypto-options-2026-01', 'tape-btc-eth.json'));
      expectSame({ tape: month, books: [{ file: desk, source: path }] }, 'january', 300);
    },
  );
});
