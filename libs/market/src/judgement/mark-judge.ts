import type { Instant } from '@evenkeel/kernel';
import { PricingError, createLegBatch, impliedVolatility } from '@evenkeel/pricing';
import type { Findings } from './findings';
import { apart, timesOf } from './looks-like';
import type { JudgedOption, QuoteNumbers } from './quote-numbers';

/** A mark may be off its own volatility's price by ticks, by a forward that lags, and by this part of its time value. */
const TICK = 0.0002;
const FORWARD_LAG = 0.01;
const TIME_VALUE_PART = 0.25;
/** Dollars may be discounted: by no more than this rate. */
const RATE_MAX = 0.1;
/** A spread this tight, ask over bid, says how exact its prices are. */
const TIGHT = 2;
const PERCENT = 100;
/** Near enough to say what a price was meant to be. */
const ROUGHLY = 1.3;
/** So much of a volatility cannot be told from noise around the one that the mark implies. */
const OTHER_VOLATILITY = 3;
const NANOS_PER_YEAR = 365 * 86_400 * 1e9;
const CHUNK = 1024;

interface Row {
  readonly option: JudgedOption;
  readonly numbers: Omit<QuoteNumbers, 'index'>;
  readonly years: number;
}

/** Holds marks against what the pricing kernel makes of their volatility and forward, many at a time. */
export interface MarkJudge {
  add(line: number, at: Instant, option: JudgedOption, numbers: QuoteNumbers): void;
  end(): void;
}

export function createMarkJudge(file: string, findings: Findings): MarkJudge {
  const legs = createLegBatch(CHUNK);
  const [marks, bids, asks] = [new Float64Array(CHUNK), new Float64Array(CHUNK), new Float64Array(CHUNK)];
  const lines = new Int32Array(CHUNK);
  const options: JudgedOption[] = [];
  let count = 0;
  const rowAt = (index: number): Row | undefined => {
    const option = options[index];
    if (option === undefined) return undefined;
    const numbers = {
      mark: marks[index] ?? NaN,
      bid: bids[index] ?? NaN,
      ask: asks[index] ?? NaN,
      forward: legs.underlying[index] ?? NaN,
      volatility: legs.volatility[index] ?? NaN,
    };
    return { option, numbers, years: legs.expiryYears[index] ?? NaN };
  };
  const flush = (): void => {
    legs.valueFirst(count);
    for (let index = 0; index < count; index += 1) {
      const value = legs.value[index] ?? NaN;
      // Most marks are their own price to the tick.
      const given =
        (marks[index] ?? NaN) * (options[index]?.inCoin === true ? (legs.underlying[index] ?? NaN) : 1);
      if (Math.abs(given - value) <= TICK * (legs.underlying[index] ?? NaN)) continue;
      const row = rowAt(index);
      const problem = row === undefined ? undefined : markProblem(row, value, legs.delta[index] ?? NaN);
      if (problem !== undefined) findings.problem(file, lines[index] ?? 0, problem);
    }
    count = 0;
  };
  return {
    add(line, at, option, { mark, bid, ask, forward, volatility }) {
      const years = Number(option.expiry - at) / NANOS_PER_YEAR;
      // Without a volatility there is nothing to hold the mark against; at expiry it no longer matters.
      if (!(volatility > 0) || !(years > 0)) return;
      legs.isCall[count] = option.optionType === 'call' ? 1 : 0;
      legs.underlying[count] = forward;
      legs.strike[count] = option.strike;
      legs.expiryYears[count] = years;
      legs.volatility[count] = volatility;
      marks[count] = mark;
      bids[count] = bid;
      asks[count] = ask;
      lines[count] = line;
      options[count] = option;
      count += 1;
      if (count === CHUNK) flush();
    },
    end: flush,
  };
}

/** `value` in dollars at the row's own volatility, `delta` to its forward; NaN where the kernel refused the row. */
function markProblem(row: Row, value: number, delta: number): string | undefined {
  const { option, numbers } = row;
  const { forward, mark } = numbers;
  const expected = value / forward;
  const given = option.inCoin ? mark : mark / forward;
  const tolerance = toleranceOf(row, given, expected, delta);
  if (Math.abs(given - expected) <= tolerance) return undefined;
  if (!Number.isFinite(expected)) return `its numbers are out of range for the pricing kernel`;
  const own = option.inCoin ? expected : value;
  const told =
    `mark_price ${mark} is not what implied_volatility ${numbers.volatility} gives at underlying ` +
    `${forward}, ${Number(own.toPrecision(4))}`;
  const seems = seemsToBe(row, given, expected);
  return seems === undefined ? told : `${told}: ${seems}`;
}

/** In parts of the forward, as `given` and `expected`. */
function toleranceOf(row: Row, given: number, expected: number, delta: number): number {
  const { option, numbers, years } = row;
  const { forward, bid, ask } = numbers;
  const { strike, inCoin, optionType } = option;
  const intrinsic = Math.max(0, optionType === 'call' ? 1 - strike / forward : strike / forward - 1);
  const timeValue = Math.max(0, Math.min(given, expected) - intrinsic);
  const lag = FORWARD_LAG * Math.abs(inCoin ? delta - expected : delta);
  const discount = inCoin ? 0 : RATE_MAX * years * expected;
  const spread = bid > 0 && ask > bid && ask <= TIGHT * bid ? (ask - bid) / (inCoin ? 1 : forward) : 0;
  return TICK + lag + TIME_VALUE_PART * timeValue + discount + spread;
}

/** What a row that contradicts itself was probably written in. */
function seemsToBe(row: Row, given: number, expected: number): string | undefined {
  const { option, numbers } = row;
  const { forward, mark, volatility } = numbers;
  if (option.inCoin && expected > 0 && !apart(mark / forward, expected, ROUGHLY))
    return 'mark_price looks like USD: a source can say "priceUnit": "dollar"';
  const implied = impliedBy(row, given);
  if (implied !== undefined && apart(volatility, implied, OTHER_VOLATILITY)) {
    if (!apart(volatility / PERCENT, implied, OTHER_VOLATILITY))
      return `implied_volatility looks like per cent, the mark is that of ${Number(implied.toPrecision(3))}: a source can say "volatilityUnit": "percent"`;
    return `the mark is that of a volatility of ${Number(implied.toPrecision(3))}; implied_volatility is ${timesOf(volatility, implied)} it`;
  }
  return given > 0 && expected > 0 ? `mark_price is ${timesOf(given, expected)} it` : undefined;
}

function impliedBy({ option, numbers, years }: Row, given: number): number | undefined {
  const { forward } = numbers;
  try {
    const price = given * forward;
    return impliedVolatility('black76', {
      type: option.optionType,
      F: forward,
      K: option.strike,
      T: years,
      price,
    });
  } catch (error) {
    if (error instanceof PricingError) return undefined;
    throw error;
  }
}
