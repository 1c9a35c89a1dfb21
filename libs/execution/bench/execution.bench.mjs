// What the order core costs between a decision and the order: with all pre-trade checks, next to the cheapest thing that could
// stand there (an id and the intent's JSON). And how long a kill takes to become cancels, in process.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { createOrderCore, clientOrderIdOf, proposalOf } = require('../dist/index.js');
const { vet } = require('../dist/pre-trade/checks.js');
const { specificationOf } = require('../../instruments/dist/index.js');
const { canonicalJson, formatInstant, parseInstant } = require('../../kernel/dist/index.js');

const PERP = 'BTCUSDT-PERP@binance';
const BOOK = 'desk';
const START = parseInstant('2026-01-05T00:00:00Z');
const SECOND = 1_000_000_000n;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(values.length * part)];

function decisionAt(index, urgency) {
  const at = formatInstant(START + BigInt(index) * SECOND);
  const quantity = index % 2 === 0 ? '0.5' : '-0.5';
  const trade = { instrument: PERP, quantity, referencePrice: '90000', delta: 0.5, urgency };
  return {
    decisionId: `d${index}`,
    book: BOOK,
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

function commitOf(event, at, context, type) {
  const aggregate = { context, type, id: BOOK };
  return { commitId: 'c', aggregate, book: BOOK, eventTime: at, correlationId: 'c', events: [event] };
}

function openDesk() {
  const core = createOrderCore();
  const at = formatInstant(START);
  const account = {
    book: BOOK,
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
  };
  let state = core.evolve(
    core.initial(),
    commitOf({ type: 'VenueAccountOpened', payload: account }, at, 'execution', 'venue-account'),
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

function decide(desk, index, urgency = 'normal') {
  const decision = decisionAt(index, urgency);
  const commit = commitOf(
    { type: 'HedgeDecided', payload: decision },
    decision.at,
    'strategy',
    'hedge-program',
  );
  return settle(desk, { kind: 'commit', commit });
}

function fill(desk, index) {
  const clientOrderId = clientOrderIdOf(`d${index}`, 0);
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

export default async function bench({ quick }) {
  const orders = quick ? 2_000 : 10_000;
  const desk = openDesk();
  const latencies = [];
  const bare = [];
  const checking = [];
  for (let index = 1; index <= orders; index += 1) {
    const decision = decisionAt(index, 'normal');
    const proposal = proposalOf(decision, decision.trades[0], clientOrderIdOf(decision.decisionId, 0));
    checking.push(microseconds(() => vet(desk.state, proposal)));
    latencies.push(microseconds(() => decide(desk, index)));
    bare.push(
      microseconds(() =>
        canonicalJson({ id: clientOrderIdOf(`d${index}`, 0), ...decisionAt(index, 'normal').trades[0] }),
      ),
    );
    fill(desk, index);
  }
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
      },
      { metric: 'decision to order intent, all checks, p99', value: percentile(latencies, 0.99), unit: 'µs' },
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
