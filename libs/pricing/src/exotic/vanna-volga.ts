import type { Valuation } from '../door/valuation';
import { priceEuropean } from '../door/european';
import { invalidInput } from '../errors';
import { math } from '../math';
import { solveLinear } from '../optimise/levenberg-marquardt';
import { priceEuropeanBarrier } from './barrier';
import { priceDigital } from './digital';
import { MAX_VOLATILITY, readChoice, readPositive, readRates, readSide, readWithin } from './inputs';
import type { RawInputs } from './inputs';

/**
 * Terms of an option priced off three quotes of a smile, as currency desks quote it: the volatilities of the 25-delta put, of
 * the money and of the 25-delta call. Deltas are forward deltas, the money is delta-neutral (K = F e^{σ²T/2}). Without
 * `barrier_type` the option is plain. `T` is of the option and of the quotes alike: QuantLib 1.29, which is told of either, bounds
 * a barrier by the vanilla of the quotes' (findings/quantlib-vanna-volga-quotes-of-another-expiry.sh).
 */
export interface VannaVolgaInputs {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r?: number;
  readonly q?: number;
  readonly vol25Put: number;
  readonly volAtm: number;
  readonly vol25Call: number;
  readonly barrier_type?: 'DownIn' | 'UpIn' | 'DownOut' | 'UpOut';
  readonly barrier?: number;
  /** The market's volatility of the plain option with this strike, where it is known: a barrier is then fitted to it. */
  readonly sigma?: number;
}

/** Value and Greeks; `survival` is the chance, at the money's volatility, that the barrier is not touched. */
export interface VannaVolgaValuation extends Valuation {
  /** Of the plain option with the same strike. */
  readonly vanillaValue: number;
  readonly survival: number;
  /** Strikes of the three quotes. */
  readonly strike25Put: number;
  readonly strikeAtm: number;
  readonly strike25Call: number;
}

interface Terms {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r: number;
  readonly q: number;
  /** Put, money, call. */
  readonly vols: readonly [number, number, number];
  readonly sigma: number | undefined;
  readonly barrier: { readonly type: string; readonly level: number } | undefined;
}

const BARRIER_TYPES = ['none', 'DownIn', 'UpIn', 'DownOut', 'UpOut'] as const;

function readTerms(inputs: RawInputs): Terms {
  const type = readSide(inputs) === 1 ? 'call' : 'put';
  const volatility = (name: string): number => readWithin(inputs, name, 1e-4, MAX_VOLATILITY);
  const barrierType = readChoice(inputs, 'barrier_type', BARRIER_TYPES, 'none');
  if (barrierType !== 'none') readWithin(inputs, 'rebate', 0, 0, 0);
  const terms: Terms = {
    type,
    S: readPositive(inputs, 'S'),
    K: readPositive(inputs, 'K'),
    T: readWithin(inputs, 'T', 1e-6, 30),
    ...readRates(inputs),
    vols: [volatility('vol25Put'), volatility('volAtm'), volatility('vol25Call')],
    barrier:
      barrierType === 'none' ? undefined : { type: barrierType, level: readPositive(inputs, 'barrier') },
    sigma: barrierType === 'none' || inputs['sigma'] === undefined ? undefined : volatility('sigma'),
  };
  const [put, money, call] = strikesOf(terms);
  if (!(put < money && money < call))
    throw invalidInput('volAtm', 'must leave the strikes of put, money and call in this order');
  return terms;
}

/** Φ⁻¹(0.75): forward delta 25 % lies this many deviations from the money. */
const QUARTER = math.normInv(0.75);

function strikesOf({ S, T, r, q, vols }: Terms): [number, number, number] {
  const forward = S * math.exp((r - q) * T);
  const strike = (vol: number, d1: number): number => {
    const deviation = vol * Math.sqrt(T);
    return forward * math.exp(deviation * (0.5 * deviation - d1));
  };
  return [strike(vols[0], QUARTER), strike(vols[1], 0), strike(vols[2], -QUARTER)];
}

interface Smile {
  readonly strikes: readonly [number, number, number];
  /** What the market pays beyond the money's volatility for each quote. */
  readonly premia: readonly [number, number, number];
}

function plain({ S, T, r, q }: Terms, type: 'call' | 'put', K: number, sigma: number) {
  return priceEuropean({ type, S, K, T, r, q, sigma });
}

function smileOf(terms: Terms): Smile {
  const strikes = strikesOf(terms);
  const money = terms.vols[1];
  const premium = (i: 0 | 1 | 2): number =>
    plain(terms, 'call', strikes[i], terms.vols[i]).value - plain(terms, 'call', strikes[i], money).value;
  return { strikes, premia: [premium(0), 0, premium(2)] };
}

/** How much of each quote has the vega, vanna and volga of something, all at the money's volatility. */
function hedgeOf(terms: Terms, { strikes }: Smile, greeks: { vega: number; vanna: number; volga: number }) {
  const quotes = strikes.map((K) => plain(terms, 'call', K, terms.vols[1]));
  const rows = (['vega', 'vanna', 'volga'] as const).map((name) => {
    const row = quotes.map((quote) => quote[name]);
    const size = Math.max(...row.map(Math.abs));
    return { row: row.map((x) => x / size), right: greeks[name] / size };
  });
  return solveLinear(
    Float64Array.from(rows.flatMap(({ row }) => row)),
    Float64Array.from(rows.map(({ right }) => right)),
    3,
  );
}

function adjustment(
  terms: Terms,
  smile: Smile,
  greeks: { vega: number; vanna: number; volga: number },
): number {
  const weights = hedgeOf(terms, smile, greeks);
  return smile.premia.reduce((sum, premium, i) => sum + premium * (weights[i] as number), 0);
}

function vanillaOf(terms: Terms, smile: Smile): number {
  const flat = plain(terms, terms.type, terms.K, terms.vols[1]);
  return Math.max(0, flat.value + adjustment(terms, smile, flat));
}

interface Parts {
  readonly value: number;
  readonly vanillaValue: number;
  readonly survival: number;
}

function partsOf(terms: Terms): Parts {
  const smile = smileOf(terms);
  const { S, T, r, q, K, type, barrier, sigma } = terms;
  const byQuotes = vanillaOf(terms, smile);
  const vanillaValue = sigma === undefined ? byQuotes : plain(terms, type, K, sigma).value;
  if (barrier === undefined) return { value: vanillaValue, vanillaValue, survival: 1 };
  const { level } = barrier;
  const down = barrier.type.startsWith('Down');
  const isIn = barrier.type.endsWith('In');
  if (down ? S <= level : S >= level) return { value: isIn ? vanillaValue : 0, vanillaValue, survival: 0 };
  const at = { S, T, r, q, sigma: terms.vols[1] };
  const out = priceEuropeanBarrier({
    ...at,
    type,
    K,
    barrier: level,
    barrier_type: down ? 'DownOut' : 'UpOut',
  });
  const noTouch = priceDigital({
    ...at,
    type: down ? 'put' : 'call',
    K: level,
    kind: 'cash_or_nothing',
    exercise: 'american',
    pay_at: 'expiry',
    knock_in: false,
    payout: 1,
  });
  const survival = noTouch.value * math.exp(r * T);
  const smiled = out.value + survival * (adjustment(terms, smile, out) + vanillaValue - byQuotes);
  // Neither kind is worth less than nothing, or more than the plain option.
  const value = Math.min(vanillaValue, Math.max(0, smiled));
  return { value: isIn ? vanillaValue - value : value, vanillaValue, survival };
}

/**
 * Value and Greeks by vanna-volga (Castagna & Mercurio 2007): the Black–Scholes value at the money's volatility, plus what the
 * three quotes cost beyond it in the amounts that have its vega, vanna and volga; of a barrier option times the chance that it
 * survives, in and out making the plain option, each between nothing and the plain option. Greeks are differences of the whole:
 * delta, gamma and charm with the quotes held at their deltas, so their strikes move with the spot; vega, vanna and volga of
 * all three volatilities at once (and of `sigma`). Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceVannaVolga(input: VannaVolgaInputs | RawInputs): VannaVolgaValuation {
  const terms = readTerms(input as RawInputs); // every field is checked as it is read
  const worth = (change: Partial<Terms>): number => partsOf({ ...terms, ...change }).value;
  const raised = (h: number): Partial<Terms> => {
    const [put, money, call] = terms.vols;
    const sigma = terms.sigma === undefined ? undefined : terms.sigma + h;
    return { vols: [put + h, money + h, call + h], sigma };
  };
  const { S, T, r, q, vols } = terms;
  const gap = terms.barrier === undefined ? S : Math.abs(S - terms.barrier.level);
  const hS = Math.min(2e-3 * S * Math.min(1, 5 * vols[1] * Math.sqrt(T)), gap / 4);
  const hV = 2e-3 * Math.min(...vols);
  const hT = 1e-3 * T;
  const slope = (f: (h: number) => number, h: number): number =>
    (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
  const bend = (f: (h: number) => number, h: number): number =>
    (16 * (f(h) + f(-h)) - (f(2 * h) + f(-2 * h)) - 30 * f(0)) / (12 * h * h);
  const parts = partsOf(terms);
  const bySpot = (change: Partial<Terms>): number => slope((h) => worth({ ...change, S: S + h }), hS);
  const byTime = (f: (change: Partial<Terms>) => number): number => -slope((h) => f({ T: T + h }), hT);
  const [strike25Put, strikeAtm, strike25Call] = strikesOf(terms);
  return {
    ...parts,
    delta: bySpot({}),
    gamma: bend((h) => worth({ S: S + h }), hS),
    vega: slope((h) => worth(raised(h)), hV),
    theta: byTime(worth),
    rho: slope((h) => worth({ r: r + h }), 1e-4),
    dividendRho: slope((h) => worth({ q: q + h }), 1e-4),
    vanna: slope((h) => bySpot(raised(h)), hV),
    volga: bend((h) => worth(raised(h)), hV),
    charm: byTime(bySpot),
    strike25Put,
    strikeAtm,
    strike25Call,
  };
}
