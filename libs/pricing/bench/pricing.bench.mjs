// Options per second on one thread: the kernel next to plain JavaScript and, where they can be built, a tight C loop and QuantLib. All
// rates are per second of processor time, measured in interleaved rounds of one run; the median of the rounds' ratios is what counts.
import { nativePeers } from './native-peers.mjs';
import { plainGreeks, plainGrid, plainImplied } from './plain-black.mjs';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const COUNT = 10_000;
const SPOTS = [-0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3];
const VOLS = [0.75, 1, 1.25];

/** The legs of the reference measurement: S 80–120, K 0.6–1.6·S, T 1–730 days, σ 5–90 %, r -1–6 %, q 0–4 %. */
function bookOfLegs() {
  const names = ['S', 'K', 'T', 'sigma', 'r', 'q', 'isCall'];
  const legs = Object.fromEntries(names.map((name) => [name, new Float64Array(COUNT)]));
  const rows = new Float64Array(COUNT * names.length);
  let state = 20_260_101;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  for (let i = 0; i < COUNT; i += 1) {
    legs.S[i] = 80 + 40 * uniform();
    legs.K[i] = legs.S[i] * (0.6 + uniform());
    legs.T[i] = (1 + Math.floor(730 * uniform())) / 365;
    legs.sigma[i] = 0.05 + 0.85 * uniform();
    legs.r[i] = -0.01 + 0.07 * uniform();
    legs.q[i] = 0.04 * uniform();
    legs.isCall[i] = uniform() < 0.5 ? 1 : 0;
    names.forEach((name, j) => (rows[i * names.length + j] = legs[name][i]));
  }
  return { legs, rows };
}

/** Units per second of processor time, best of a few turns. */
function rate(units, turns, work) {
  let best = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    const before = process.cpuUsage();
    let done = 0;
    let used = 0;
    while (used < 20_000) {
      work();
      done += units;
      const { user, system } = process.cpuUsage(before);
      used = user + system;
    }
    best = Math.max(best, (done * 1e6) / used);
  }
  return best;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function fill(batch, legs, withRates) {
  batch.isCall.set(legs.isCall);
  batch.underlying.set(legs.S);
  batch.strike.set(legs.K);
  batch.expiryYears.set(legs.T);
  batch.volatility.set(legs.sigma);
  for (let i = 0; i < COUNT; i += 1) {
    batch.rate[i] = withRates ? legs.r[i] : 0;
    batch.carry[i] = withRates ? legs.r[i] - legs.q[i] : 0;
    batch.quantity[i] = (i % 7) - 3;
  }
}

/** Out-of-the-money quotes within three standard deviations, as the peers take them. */
function quotesOf(legs, createLegBatch) {
  const kept = [];
  for (let i = 0; i < COUNT; i += 1) {
    if (Math.abs(Math.log(legs.S[i] / legs.K[i])) <= 3 * legs.sigma[i] * Math.sqrt(legs.T[i])) kept.push(i);
  }
  const batch = createLegBatch(kept.length);
  kept.forEach((leg, i) => {
    batch.isCall[i] = legs.K[leg] >= legs.S[leg] ? 1 : 0;
    batch.underlying[i] = legs.S[leg];
    batch.strike[i] = legs.K[leg];
    batch.expiryYears[i] = legs.T[leg];
    batch.volatility[i] = legs.sigma[leg];
  });
  batch.valueFirst(kept.length);
  batch.price.set(batch.value);
  const columns = { S: batch.underlying, K: batch.strike, T: batch.expiryYears, isCall: batch.isCall };
  return { batch, count: kept.length, columns };
}

export default async function bench({ quick }) {
  const { createLegBatch } = require('@evenkeel/pricing');
  const { legs, rows } = bookOfLegs();
  const peers = nativePeers(rows);
  const withRates = createLegBatch(COUNT);
  fill(withRates, legs, true);
  const forwards = createLegBatch(COUNT);
  fill(forwards, legs, false);
  const out = Object.fromEntries(
    ['value', 'delta', 'gamma', 'vega', 'theta'].map((n) => [n, new Float64Array(COUNT)]),
  );
  const cells = new Float64Array(SPOTS.length * VOLS.length);
  const quotes = quotesOf(legs, createLegBatch);
  const vols = new Float64Array(quotes.count);
  const scenarios = { spotShocks: SPOTS, volScenarios: VOLS.map((factor) => ({ factor })) };

  const measures = {
    kernel: () => rate(COUNT, 7, () => withRates.valueFirst(COUNT)),
    plain: () => rate(COUNT, 7, () => plainGreeks(COUNT, legs, out)),
    forwards: () => rate(COUNT, 7, () => forwards.valueFirst(COUNT)),
    all: () => rate(COUNT, 7, () => withRates.valueAll(COUNT)),
    grid: () => rate(COUNT * cells.length, 2, () => forwards.scenarioGrid(COUNT, scenarios)),
    plainGrid: () =>
      rate(COUNT * cells.length, 2, () => plainGrid(COUNT, legs, forwards.quantity, SPOTS, VOLS, cells)),
    implied: () => rate(quotes.count, 7, () => quotes.batch.impliedVolatilities(quotes.count)),
    plainImplied: () =>
      rate(quotes.count, 2, () => plainImplied(quotes.count, quotes.columns, quotes.batch.price, vols)),
  };
  const rounds = [];
  for (let round = 0; round < (quick ? 2 : 5); round += 1) {
    process.stderr.write(`pricing bench: round ${round + 1}\n`);
    const entry = Object.fromEntries(Object.entries(measures).map(([name, measure]) => [name, measure()]));
    entry.loop = peers.loop?.().legsPerSecond;
    const quantlib = peers.quantlib?.();
    entry.calculator = quantlib?.calculator;
    entry.liveBook = quantlib?.liveBook;
    entry.quantlibVols = quantlib?.impliedVols;
    rounds.push(entry);
  }
  return { name: 'pricing', rows: report(rounds) };
}

function report(rounds) {
  const of = (name) => median(rounds.map((round) => round[name]));
  const row = (metric, mine, unit, peer, against, least, note) => {
    const base = { metric, value: Math.round(of(mine) / 1e4) / 100, unit };
    if (peer === undefined) return { ...base, ...(note === undefined ? {} : { note }) };
    if (rounds[0][peer] === undefined) return { ...base, against, note: 'peer not installed' };
    const ratio = Math.round(median(rounds.map((round) => round[mine] / round[peer])) * 100) / 100;
    const aim = least === undefined ? {} : { aim: `>= ${least}x`, met: ratio >= least };
    const peerRate = `${Math.round(of(peer) / 1e4) / 100} M/s`;
    return {
      ...base,
      against: `${against} (${peerRate})`,
      ratio,
      ...aim,
      ...(note === undefined ? {} : { note }),
    };
  };
  const million = 'M options/s';
  const work = 'value, delta, gamma, vega, theta; batch of 10,000';
  return [
    row(work, 'kernel', million, 'plain', 'plain JavaScript, typed arrays'),
    row(work, 'kernel', million, 'loop', 'scalar C loop, -O3 -march=native', 3),
    row(work, 'kernel', million, 'calculator', 'QuantLib BlackCalculator', 10),
    row(work, 'kernel', million, 'liveBook', 'QuantLib analytic engine, live book of 1,000', 60),
    row(`${work}, forwards without rates`, 'forwards', million),
    row('all 17 Greeks and 9 coin Greeks', 'all', million),
    row('scenario grid 9 x 3', 'grid', 'M leg revaluations/s', 'plainGrid', 'plain JavaScript, typed arrays'),
    row('implied volatility', 'implied', 'M vols/s', 'plainImplied', 'plain JavaScript, Newton to 1e-12'),
    row('implied volatility', 'implied', 'M vols/s', 'quantlibVols', 'QuantLib LiRS to 1e-12', 3),
  ];
}
