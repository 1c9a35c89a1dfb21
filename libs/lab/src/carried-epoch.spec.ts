import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRunPositions } from '@evenkeel/accounting';
import { sealCommit } from '@evenkeel/contracts';
import { DeskFold, sealBoot } from '@evenkeel/engine';
import type { DeskStates } from '@evenkeel/engine';
import { viewOf } from '@evenkeel/eventing';
import type { Commit, Producer, StoredCommit } from '@evenkeel/eventing';
import { isOpen, mayBeReported } from '@evenkeel/execution';
import type { HedgeOrder } from '@evenkeel/execution';
import { Decimal, createRandom, formatInstant, required, sum } from '@evenkeel/kernel';
import type { Instant, Json } from '@evenkeel/kernel';
import { busyDemonstration } from '@evenkeel/testkit';
import { kernelHash } from '@evenkeel/pricing';
import { runInProcess } from './in-process-run';
import type { LabRunOptions } from './in-process-run';

const SEED = process.env['EK_SEED'] ?? 'carried';
const CUTS = process.env['EK_SOAK'] === '1' ? 60 : 5;
const PRODUCER: Producer = { service: 'keel', version: '0.1.0', gitSha: 'unknown', kernelHash };
const { tape, book } = busyDemonstration('carried', 1);
const source = 'the demonstration book';
const policies = resolve(__dirname, '..', 'policies', 'btc-eth-desk');

function folded(commits: Iterable<Pick<StoredCommit, 'commit'>>, into = new DeskFold()): DeskFold {
  for (const { commit } of commits) into.take(commit);
  return into;
}

/** The first facts of epoch 2, as they lie on its journal. */
function firstFacts(fold: DeskFold, fromEpoch = '1'): { commit: Commit }[] {
  const { drafts } = fold.carried({
    fromEpoch,
    lineage: `from ${fromEpoch}`,
    at: formatInstant(fold.eventTime),
  });
  return sealBoot(drafts, '2', PRODUCER, sealCommit, 0n).map(({ commit }) => ({ commit }));
}

/** Numbers as they are written: how many zeros they carry along says nothing. */
function written(value: unknown): unknown {
  if (value instanceof Decimal || typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return [...value].map(written);
  if (value instanceof Set || Array.isArray(value)) return [...(value as Iterable<unknown>)].map(written);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, written(one)]));
}

/**
 * An order for what may still come of it. Its parent ends with the epoch, and what may live is asked for again, so its patience
 * (`timeoutAt`, and the deadline that copies it) begins anew. Where it stands in the indexes is compared as the order of all.
 */
function orderView(order: HedgeOrder) {
  const {
    parentId: _parent,
    attempts: _attempts,
    askedAt: _asked,
    timeoutAt: _timeout,
    deadline: _deadline,
    rank: _rank,
    slot: _slot,
    ...kept
  } = order;
  return { ...kept, status: isOpen(order) ? 'may live' : order.status };
}

/**
 * Everything that decisions, checks, P&L and comparisons with a venue are made of. Left out, with the reason: the market and
 * what is read off it (spots, marks, prices, when it was last seen), which is on no journal and comes anew; the planned positions
 * that are in the book; fill ids of orders that no venue reports on any more; what was decided or worked over time, which is
 * given up and re-armed; questions to venues under way, because every account is compared anew.
 */
function view({ risk, strategy, execution }: DeskStates, name: string, at: Instant) {
  const held = required(risk.books[name], name);
  const program = required(strategy.programs[name], name);
  const desk = required(execution.books.get(name), name);
  const orders = [...execution.orders.values()].filter((order) => mayBeReported(order, at));
  const minute = at - 60_000_000_000n;
  return {
    risk: {
      numeraire: held.numeraire,
      planned: held.adoptionOrder.slice(held.adopted).map((index) => held.planned[index]),
      specifications: held.specifications,
      hedgeInstruments: held.hedgeInstruments,
      rules: held.rules,
      positions: held.positions,
      positionsVersion: held.positionsVersion,
      cash: held.cash,
      settled: held.settled,
      dueFills: held.dueFills.map(({ fillId, quantity, price }) => ({ fillId, quantity, price })),
      trades: held.trades,
      closed: held.closed,
      snapshots: held.snapshots,
    },
    strategy: {
      policy: program.policy,
      memory: program.memory,
      remembered: program.remembered,
      orders: Object.entries(program.orders).map(([id, { unresolved: _asked, ...order }]) => [id, order]),
      unapplied: program.unapplied,
      halts: program.halts,
      blocked: program.blocked,
      halted: program.halted,
      refusal: program.refusal,
      quiet: program.quiet,
    },
    execution: {
      positions: desk.positions,
      uncounted: desk.risk.uncounted,
      daily: [desk.risk.day, desk.risk.dayStart, desk.risk.hedged],
      overrides: desk.controls.overrides,
      restrictions: desk.controls.restrictions,
      intents: desk.intents.filter((time) => time > minute),
      orders: orders.map(orderView),
      living: [...desk.open.values(), ...desk.unknown.values()]
        .sort((a, b) => a.rank - b.rank)
        .map(({ clientOrderId }) => clientOrderId),
      latches: execution.latches,
      accounts: [...desk.accounts.values()].map(({ venue, limits, limitsVersion, contracts, watch }) => ({
        venue,
        limits,
        limitsVersion,
        contracts: [...contracts.keys()],
        halted: watch.halted,
        positions: watch.ledger.positions,
        cash: watch.ledger.cash,
        accepted: watch.accepted,
        foreignTrades: watch.foreignTrades,
        opening: watch.opening,
      })),
    },
  };
}

/** Memory of an underlying that something was under way for: re-armed by being given up. */
function rearmed(states: DeskStates, name: string): boolean {
  const { decided, parents } = required(states.strategy.programs[name], name);
  return Object.keys(decided).length + Object.keys(parents).length > 0;
}

/** The P&L by position of a record is the hedged P&L of its last snapshot. */
function expectPositionsAddUp(commits: readonly Pick<StoredCommit, 'commit'>[]): void {
  const run = createRunPositions();
  let hedged = '0';
  for (const { commit } of commits) {
    const view = viewOf(commit);
    run.add(view);
    for (const event of view.events)
      if (event.type === 'RiskSnapshotTaken') hedged = event.payload.pnl.hedged;
  }
  const { positions, positionsRounding } = run.of(book.book);
  const rows = [...positions.map(({ pnl }) => pnl), positionsRounding].map((amount) => Decimal.parse(amount));
  expect(sum(rows).toString()).toBe(hedged);
  expect(Math.abs(Number(positionsRounding))).toBeLessThan(1e-6);
}

function cutsOf(commits: readonly StoredCommit[], seed: string): number[] {
  const random = createRandom(`${SEED}/${seed}`);
  return Array.from({ length: CUTS }, () => 10 + random.integer(commits.length - 10));
}

function expectCarried(options: LabRunOptions, seed: string): { open: number; givenUp: number } {
  const commits = runInProcess(options).journal.all;
  expectPositionsAddUp(commits);
  const seen = { open: 0, givenUp: 0 };
  for (const cut of cutsOf(commits, seed)) {
    const whole = folded(commits.slice(0, cut));
    const facts = firstFacts(whole);
    const taken = folded(facts);
    expectPositionsAddUp([...facts, ...commits.slice(cut)]);
    const states = required(whole.statesOf(book.book), 'states');
    const before = view(states, book.book, whole.eventTime);
    const after = view(required(taken.statesOf(book.book), 'states'), book.book, whole.eventTime);
    const givenUp = rearmed(states, book.book);
    seen.open += states.execution.open.size;
    seen.givenUp += givenUp ? 1 : 0;
    const where = `seed ${SEED}/${seed}, cut at ${cut}`;
    if (givenUp) after.strategy.memory = before.strategy.memory;
    expect(written({ where, ...after })).toEqual(written({ where, ...before }));
    // What was taken over can be taken over again.
    const again = folded(firstFacts(taken, '2'));
    const later = view(required(again.statesOf(book.book), 'states'), book.book, whole.eventTime);
    if (givenUp) later.strategy.memory = before.strategy.memory;
    expect(written({ where, ...later })).toEqual(written({ where, ...before }));
    // The rest of the record does the same to both.
    const [on, over] = [folded(commits.slice(cut), taken), folded(commits.slice(cut), whole)];
    const ends = [over, on].map((fold) => {
      const { risk, execution } = view(
        required(fold.statesOf(book.book), 'states'),
        book.book,
        fold.eventTime,
      );
      return {
        where,
        risk: { ...risk, planned: [] },
        positions: execution.positions,
        accounts: execution.accounts,
      };
    });
    expect(written(ends[1])).toEqual(written(ends[0]));
  }
  return seen;
}

describe(`a desk that another epoch takes over (seed ${SEED})`, () => {
  it.each([undefined, 'gamma-scalping.json', 'multi-greek.json', 'vault-of-whalley-wilmott.json'])(
    'is the desk it was, wherever it was cut: policy %s',
    (name) => {
      const policy =
        name === undefined ? {} : { policy: JSON.parse(readFileSync(join(policies, name), 'utf8')) as Json };
      expectCarried({ tape, books: [{ file: book, source, ...policy }] }, name ?? 'plain');
    },
  );

  it('is so with orders worked over time, refused, lost and filled in parts', () => {
    const execution = { algorithm: 'twap', horizon: 'PT10M', slices: 4 };
    const file = { ...book, hedge: { ...book.hedge, execution } };
    const quirks = { rejects: 0.1, lost: 0.1, silent: 0.1, partials: 0.3, splits: 0.3 };
    const seen = expectCarried({ tape, books: [{ file, source }], venue: { quirks } }, 'orders');
    expect(seen.givenUp).toBeGreaterThan(0);
  });

  it('numbers its snapshots so that no id of the lost end of the other epoch comes again', () => {
    const commits = runInProcess({ tape, books: [{ file: book, source }] }).journal.all;
    const facts = firstFacts(folded(commits.slice(0, 60)));
    const state = required(folded(facts).statesOf(book.book), 'states').risk.books[book.book];
    expect(state?.lineage).toBe('from 1/');
    expect(Decimal.parse(String(state?.snapshots)).isPositive()).toBe(true);
  });
});
