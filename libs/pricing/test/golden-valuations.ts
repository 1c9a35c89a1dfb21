import { createSha256, toHex } from '@evenkeel/kernel';
import { createLegBatch } from '../src/batch/leg-batch';
import type { LegBatch, LegGreek } from '../src/batch/leg-batch';
import { priceBlack76 } from '../src/door/black76';
import { priceEuropean } from '../src/door/european';
import { priceInverse } from '../src/door/inverse';
import { priceAmerican } from '../src/exotic/american';
import { priceAsian } from '../src/exotic/asian';
import { priceBarrier } from '../src/exotic/barrier';
import { priceDigital } from '../src/exotic/digital';
import { priceDoubleBarrier } from '../src/exotic/double-barrier';
import { priceHeston } from '../src/exotic/heston';
import { priceHestonAsian } from '../src/exotic/heston-asian';
import { priceMerton } from '../src/exotic/merton';
import { priceRoughHeston } from '../src/exotic/rough-heston';
import { priceVannaVolga } from '../src/exotic/vanna-volga';
import type { Valuation } from '../src/door/valuation';
import { kernelHash } from '../src/kernel-instance';
import { math } from '../src/math';
import { SeededLegs } from './seeded-legs';

const LEGS = 10_000;
const CHUNKS = 100;
const FIRST: readonly LegGreek[] = ['value', 'delta', 'gamma', 'vega', 'theta'];
const ALL: readonly LegGreek[] = [
  ...FIRST,
  'rho',
  'dividendRho',
  'vanna',
  'volga',
  'charm',
  'speed',
  'zomma',
  'colour',
  'veta',
  'ultima',
  'dualDelta',
  'dualGamma',
  'valueCoin',
  'deltaCoin',
  'netTransactionDelta',
  'gammaCoin',
  'vegaCoin',
  'thetaCoin',
  'rhoCoin',
  'vannaCoin',
  'volgaCoin',
];

/** What a run of the golden valuations gives: the same everywhere, or the kernel is not the kernel. */
export interface GoldenRun {
  readonly kernelHash: string;
  /** SHA-256 over the little-endian doubles of a million valuations. */
  readonly valuations: string;
  /** The same over scenario grids, implied volatilities, functions and the models beyond the closed forms. */
  readonly others: string;
  readonly legs: number;
}

type Feed = (values: Float64Array) => void;

/** Little-endian bytes, whatever the machine's order. */
function bytesOf(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i += 1) view.setFloat64(i * 8, values[i] ?? 0, true);
  return bytes;
}

function feedGrids(batch: LegBatch, feed: Feed): void {
  const grid = batch.scenarioGrid(LEGS, {
    spotShocks: [-0.5, -0.2, -0.05, 0, 0.05, 0.2, 1],
    volScenarios: [{ factor: 0.7 }, {}, { shift: 0.2 }],
    elapsedYears: 1 / 365,
  });
  feed(grid.value);
  feed(grid.valueCoin);
}

function feedImplied(batch: LegBatch, feed: Feed): void {
  batch.price.set(batch.value);
  const before = Float64Array.from(batch.volatility);
  batch.impliedVolatilities(LEGS);
  // Expired legs are refused with a NaN, whose bits an engine may choose: not a valuation.
  feed(batch.volatility.map((implied) => (Number.isNaN(implied) ? -1 : implied)));
  batch.volatility.set(before);
}

function feedFunctions(random: SeededLegs, feed: Feed): void {
  const values: number[] = [];
  for (let i = 0; i < 10_000; i += 1) {
    const x = random.between(-30, 30);
    const p = random.uniform();
    values.push(math.exp(x), math.expm1(p - 0.5), math.log(p + 1e-9), math.log1p(p), math.pow(p + 0.1, x));
    values.push(math.sin(x), math.cos(x), math.tan(x), math.atan(x), math.atan2(x, p - 0.5), math.cbrt(x));
    values.push(
      math.sinh(x),
      math.cosh(x),
      math.tanh(x),
      math.erf(x / 10),
      math.erfc(x / 3),
      math.erfcx(p * 20),
    );
    values.push(math.normPdf(x / 3), math.normCdf(x), math.normInv(p + 1e-12));
  }
  feed(Float64Array.from(values));
}

function feedModels(random: SeededLegs, feed: Feed): void {
  for (let i = 0; i < 40; i += 1) {
    const S = random.between(50, 150);
    const common = {
      type: random.uniform() < 0.5 ? 'call' : 'put',
      S,
      K: S * random.between(0.7, 1.4),
      T: random.between(0.1, 2),
      r: random.between(0, 0.08),
      q: random.between(0, 0.05),
    } as const;
    const sigma = random.between(0.1, 0.9);
    const barrier = S * (1 + random.between(0.05, 0.3));
    const variance = { v0: sigma * sigma, kappa: 1.5, theta: 0.09, sigma: 0.6, rho: -0.6 };
    const results: readonly Valuation[] = [
      priceEuropean({ ...common, sigma }),
      priceBlack76({ type: common.type, F: S, K: common.K, T: common.T, r: common.r, sigma }),
      priceInverse({ type: common.type, F: S, K: common.K, T: common.T, sigma }),
      priceAmerican({ ...common, sigma }),
      priceAmerican({ ...common, sigma, method: 'baw' }),
      priceAmerican({ ...common, sigma, method: 'bjerksund-stensland' }),
      priceDigital({ ...common, sigma, kind: 'cash_or_nothing', payout: 10 }),
      priceBarrier({ ...common, sigma, barrier_type: 'UpOut', barrier, rebate: 1 }),
      priceDoubleBarrier({
        ...common,
        sigma,
        barrier_type: 'KnockOut',
        barrier_lo: 0.6 * S,
        barrier_hi: barrier,
        rebate: 1,
      }),
      priceVannaVolga({ ...common, vol25Put: 1.1 * sigma, volAtm: sigma, vol25Call: 1.05 * sigma }),
      priceAsian({ ...common, sigma, kind: 'geometric_continuous_average_price' }),
      priceMerton({ ...common, sigma, jump_intensity: 1, jump_vol_delta: 0.2, mean_jump: -0.05 }),
      priceHeston({ ...common, ...variance }),
      // A tenth of a second each.
      ...(i % 20 === 0
        ? [
            priceHestonAsian({ ...common, ...variance, kind: 'geometric_continuous_average_price' }),
            priceRoughHeston({ ...common, ...variance, hurst: 0.12 }),
          ]
        : []),
    ];
    const numbers = results.flatMap((result) => Object.values(result) as number[]); // a valuation holds numbers only
    if (!numbers.every(Number.isFinite)) throw new Error('a golden valuation is not finite');
    feed(Float64Array.from(numbers));
  }
}

/** A million valuations of seeded legs and a sample of everything else, hashed. Takes a few seconds. */
export function goldenRun(): GoldenRun {
  const valuations = createSha256();
  const others = createSha256();
  const random = new SeededLegs(2_026);
  const batch = createLegBatch(LEGS);
  for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
    for (let i = 0; i < LEGS; i += 1) random.write(batch, i);
    const every = chunk % 5 === 0;
    const refused = every ? batch.valueAll(LEGS) : batch.valueFirst(LEGS);
    if (refused > 0) throw new Error(`${refused} of the golden legs were refused`);
    for (const name of every ? ALL : FIRST) valuations.update(bytesOf(batch[name]));
    if (chunk % 10 === 0) feedGrids(batch, (values) => others.update(bytesOf(values)));
    if (chunk % 10 === 0) feedImplied(batch, (values) => others.update(bytesOf(values)));
  }
  feedFunctions(random, (values) => others.update(bytesOf(values)));
  feedModels(random, (values) => others.update(bytesOf(values)));
  return {
    kernelHash,
    valuations: toHex(valuations.digest()),
    others: toHex(others.digest()),
    legs: LEGS * CHUNKS,
  };
}
