// What the order core costs between a decision and the order: with all pre-trade checks, next to the cheapest thing that could
// stand there (an id and the intent's JSON), and to itself while it knows of many orders that the decision has nothing to do with.
// And how long a kill takes to become cancels, in process.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
// What a host loads; the build before has no such package.
try {
  require('@evenkeel/platform');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
}
const { createOrderCore, clientOrderIdOf, proposalOf } = require('../dist/index.js');
const { vet } = require('../dist/pre-trade/checks.js');
const { specificationOf } = require('../../instruments/dist/index.js');
const { canonicalJson, formatInstant, parseInstant } = require('../../kernel/dist/index.js');

const PERP = 'BTCUSDT-PERP@binance';
const BOOK = 'desk';
const OTHER = 'other';
const START = parseInstant('2026-01-05T00:00:00Z');
const SECOND = 1_000_000_000n;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(values.length * part)];

function decisionAt(index, urgency, book = BOOK) {
  const at = formatInstant(START + BigInt(index) * SECOND);
  const quantity = index % 2 === 0 ? '0.5' : '-0.5';
  const trade = { instrument: PERP, quantity, referencePrice: '90000', delta: 0.5, urgency };
  return {
    decisionId: `${book}${index}`,
    book,
    at,
    snapshotId: 's',
    policyKind: 'delta-band',
    policyHash: 'p',
    assessments: [],
    candidates: [],
    trades: [trade],
    checks: [],
    reasons: [],
    quietBefore: { evaluations: 0, from: '', to: '', maxBandUse: 0 },
  };
}

function commitOf(event, at, context, type, book = BOOK) {
  const aggregate = { context, type, id: book };
  return { commitId: 'c', aggregate, book, eventTime: at, correlationId: 'c', events: [event] };
}

function openDesk() {
  const core = createOrderCore();
  const at = formatInstant(START);
  const accountOf = (book) => ({
    book,
    venue: 'binance',
    at,
    specifications: [canonicalJson(specificationOf(PERP).value)],
    limits: {
      maxOrderQuantity: [{ instrument: PERP, maxQuantity: '50' }],
      maxGrossNotionalUsd: '100000000000',
      priceCollarBps: '50',
      maxOrdersPerMinute: 1_000_000,
      maxRepeatedExecutions: 1_000_000,
      throttleWindow: 'PT5M',
    },
    limitsVersion: 'v',
  });
  let state = core.initial();
  for (const book of [BOOK, OTHER])
    state = core.evolve(
      state,
      commitOf(
        { type: 'VenueAccountOpened', payload: accountOf(book) },
        at,
        'execution',
        'venue-account',
        book,
      ),
    );
  const mark = {
    instrument: PERP,
    kind: 'price',
    price: '90000',
    eventTime: at,
    receivedTime: at,
    source: 's',
    status: 'OK',
    reasons: [],
  };
  const instant = { number: 1, eventTime: at, marks: [mark], fundings: [], deliveries: [], wakes: [] };
  state = core.observe(state, { kind: 'instant', instant });
  return { core, state };
}

/** Feeds one input to the end; returns the effects. */
function settle(desk, input) {
  const effects = [];
  desk.state = desk.core.observe(desk.state, input);
  for (;;) {
    const step = desk.core.decide(desk.state, input);
    effects.push(...step.effects);
    for (const draft of step.commits)
      desk.state = desk.core.evolve(desk.state, { commitId: 'x', correlationId: 'c', ...draft });
    if (step.commits.length === 0) return effects;
  }
}

function decisionInput(index, urgency, book) {
  const decision = decisionAt(index, urgency, book);
  const event = { type: 'HedgeDecided', payload: decision };
  return { kind: 'commit', commit: commitOf(event, decision.at, 'strategy', 'hedge-program', book) };
}

function decide(desk, index, urgency = 'normal', book = BOOK) {
  return settle(desk, decisionInput(index, urgency, book));
}

function fill(desk, index) {
  const clientOrderId = clientOrderIdOf(`${BOOK}${index}`, 0);
  const fee = { currency: 'USDT', amount: '-1' };
  const report = {
    kind: 'filled',
    clientOrderId,
    fillId: `f${index}`,
    quantity: '0.5',
    price: '90000',
    fee,
    liquidity: 'taker',
  };
  settle(desk, { kind: 'venue', id: `r${index}`, at: formatInstant(START + BigInt(index) * SECOND), report });
}

const microseconds = (work) => {
  const started = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - started) / 1e3;
};

/** Microseconds of each of `orders` decisions, each filled before the next; `between` is done after each. */
function latenciesOf(desk, orders, first = 1, between = () => undefined) {
  const latencies = [];
  for (let index = first; index < first + orders; index += 1) {
    const input = decisionInput(index, 'normal');
    latencies.push(microseconds(() => settle(desk, input)));
    fill(desk, index);
    between();
  }
  return latencies;
}

let kept = 0;

/** Counts, and neither allocates nor reads memory. */
function count(turns) {
  for (let turn = 0; turn < turns; turn += 1) kept = (Math.imul(kept, 1_664_525) + 1_013_904_223) | 0;
}

/** How many turns take as long as a decision of so many microseconds. */
function turnsOf(long) {
  const turns = 100_000;
  const each = Array.from({ length: 50 }, () => microseconds(() => count(turns)));
  return Math.round((turns * long) / median(each));
}

/** The checks alone, and an id and the intent's JSON alone. */
function aloneOf(desk, orders) {
  const checking = [];
  const bare = [];
  for (let index = orders + 1; index <= orders + 2_000; index += 1) {
    const decision = decisionAt(index, 'normal');
    const proposal = proposalOf(decision, decision.trades[0], clientOrderIdOf(decision.decisionId, 0));
    checking.push(microseconds(() => vet(desk.state, proposal)));
    bare.push(
      microseconds(() => canonicalJson({ id: clientOrderIdOf(`d${index}`, 0), ...decision.trades[0] })),
    );
  }
  return { checking, bare };
}

export default async function bench({ quick }) {
  const orders = quick ? 2_000 : 10_000;
  // A service that has decided before: what the compiler does at first is no part of an order. Two desks, since the lists of a second one
  // begin as those of the first have become, and the compiler begins again.
  latenciesOf(openDesk(), 5_000);
  const turns = turnsOf(median(latenciesOf(openDesk(), 5_000)));
  const desk = openDesk();
  const counting = [];
  const latencies = latenciesOf(desk, orders, 1, () => counting.push(microseconds(() => count(turns))));
  const { checking, bare } = aloneOf(desk, orders);
  const [elsewhere, past] = quick ? [200, 10_000] : [2_000, 80_000];
  const among = openDesk();
  for (let index = 1; index <= elsewhere; index += 1) decide(among, index, 'passive', OTHER);
  latenciesOf(among, past, elsewhere + 1);
  const crowded = latenciesOf(among, orders, elsewhere + past + 1);
  const resting = quick ? 100 : 1_000;
  const kills = [];
  for (let round = 0; round < (quick ? 3 : 7); round += 1) {
    const open = openDesk();
    for (let index = 1; index <= resting; index += 1) decide(open, index, 'passive');
    const at = formatInstant(START + BigInt(resting + 1) * SECOND);
    const event = { type: 'KillEngaged', payload: { scope: 'firm', by: 'bench', reason: 'bench', at } };
    let cancels = 0;
    kills.push(
      microseconds(() => {
        cancels = settle(open, {
          kind: 'commit',
          commit: commitOf(event, at, 'execution', 'kill-switch'),
        }).length;
      }),
    );
    if (cancels !== resting) throw new Error(`${cancels} of ${resting} open orders were taken back`);
  }
  const p50 = median(latencies);
  const p99 = percentile(latencies, 0.99);
  const peer = median(bare);
  return {
    name: 'execution',
    rows: [
      {
        metric: 'decision to order intent, all checks, p50',
        value: p50,
        unit: 'µs',
        against: 'an order id and its JSON alone',
        ratio: p50 / peer,
        before: true,
        lessIsBetter: true,
        aims: { before: { min: 3 } },
      },
      {
        metric: 'decision to order intent, all checks, p99',
        value: p99,
        unit: 'µs',
        against: 'p50',
        ratio: p99 / p50,
        before: true,
        lessIsBetter: true,
        aims: { ratio: { max: 5 } },
      },
      {
        metric: 'a loop as long that allocates nothing, after each of them, p99',
        value: percentile(counting, 0.99),
        unit: 'µs',
        against: 'its p50',
        ratio: percentile(counting, 0.99) / median(counting),
        lessIsBetter: true,
        note: 'what the machine does to whatever runs on it',
      },
      {
        metric: 'the same among orders that it has nothing to do with, p50',
        value: median(crowded),
        unit: 'µs',
        against: 'alone',
        ratio: median(crowded) / p50,
        before: true,
        lessIsBetter: true,
        note: `after ${past} orders, ${elsewhere} of another book resting`,
      },
      {
        metric: 'all pre-trade checks of one order, p50',
        value: median(checking) * 1e3,
        unit: 'ns',
        against: 'the whole intent without them',
        ratio: median(checking) / Math.max(p50 - median(checking), 1e-3),
        note: `${vet(desk.state, proposalOf(decisionAt(orders + 1, 'normal'), decisionAt(orders + 1, 'normal').trades[0], 'x')).checks.length} checks`,
      },
      { metric: `kill to ${resting} cancels, in process`, value: median(kills) / 1e3, unit: 'ms' },
    ],
  };
}
