import type { DeliveryPrice, FundingRate, Mark } from '@evenkeel/facts';
import { formatExpiryDate } from '@evenkeel/instruments';
import {
  Decimal,
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
  createRandom,
  formatInstant,
  memoised,
  parseInstant,
  required,
} from '@evenkeel/kernel';
import type { Instant, Random } from '@evenkeel/kernel';
import type { BookFile } from '../files/book-file';
import { parseBookFile } from '../files/book-file';
import { rawPrice } from '../tape/raw-instant';
import type { RawInstant, RawPrice, SourceDescription } from '../tape/raw-instant';
import { tapeOf } from '../tape/tape';
import type { Tape } from '../tape/tape';
import { DEMONSTRATION_CHAIN, quoteChain } from './option-chain';
import type { ListedExpiry } from './option-chain';
import { CALM_BITCOIN, batesPath, normalDraw } from './price-path';
import type { PathPoint } from './price-path';

const START = parseInstant('2026-01-05T00:00:00Z');
const INTERVAL = 5n * NANOS_PER_MINUTE;
const STEPS_PER_DAY = 288;
const STEP_YEARS = 5 / (365 * 1440);
/** Quotes come a few seconds after the hour, between two bars. */
const CHAIN_DELAY = 7n * NANOS_PER_SECOND + 500_000_000n;
const EXPIRY_HOUR = 8n * NANOS_PER_HOUR;
/** Days from the start to the expiries, and half the width of their strike ladders in steps of 2000. */
const EXPIRIES = [
  { days: 2n, wings: 5 },
  { days: 4n, wings: 6 },
  { days: 11n, wings: 7 },
  { days: 25n, wings: 8 },
] as const;
const STRIKE_STEP = 2000;
const DAYS_MAX = 60;
const OUTAGE_STEPS = 9;
/** 8 hours. */
const FUNDING_STEPS = 96;
const INTEREST = 0.0001;
const CLAMP = 0.0005;

const SPOT = 'BTCUSDT@evenkeel-sim';
const PERP = 'BTCUSDT-PERP@evenkeel-sim';
const OTHER_SPOT = 'BTCUSDT@binance';
const CHAIN = 'BTC@deribit';
/** One text for all that a source says: whoever looks it up finds the same one. */
const nameOf = memoised(16, (instrument) => `generated:${instrument}`);

export interface DemonstrationMarket {
  readonly tape: Tape;
  readonly book: BookFile;
}

/**
 * A made-up market and a book that fits it, for clones without recorded data: `days` (1 to 60) of 5-minute prices of BTC
 * spot on two venues and a perpetual with basis and 8-hour funding, hourly quotes of four expiries with a smile, jumps,
 * quote noise, one outage of the perpetual. The same seed and days give the same market, to the last digit.
 */
export function demonstrationMarket(seed: string, days: number): DemonstrationMarket {
  const length = Math.min(Math.max(Math.floor(days), 1), DAYS_MAX);
  const random = createRandom(`demonstration/${seed}`);
  const path = batesPath(CALM_BITCOIN, length * STEPS_PER_DAY, STEP_YEARS, random.fork('path'));
  const to = START + BigInt(length) * NANOS_PER_DAY;
  const listed = EXPIRIES.map(({ days: after, wings }) =>
    listing(START + after * NANOS_PER_DAY + EXPIRY_HOUR, wings),
  );
  const bars = barInstants(path, listed, random);
  const chains = chainInstants(path, listed, to, random.fork('chain'));
  const instants = [...bars, ...chains].sort((a, b) => (a.at < b.at ? -1 : 1));
  const tape = tapeOf({
    name: `generated-${seed}`,
    from: START,
    to,
    sources: sourceDescriptions(),
    instants,
  });
  return { tape, book: demonstrationBook(chains, listed) };
}

function listing(expiry: Instant, wings: number): ListedExpiry {
  const date = formatExpiryDate(expiry);
  const strikes = Array.from({ length: 2 * wings + 1 }, (_, index) => {
    const strike = CALM_BITCOIN.spot + (index - wings) * STRIKE_STEP;
    const name = `BTC-${date}-${strike}`;
    return { strike, call: `${name}-C@deribit`, put: `${name}-P@deribit` };
  });
  return { expiry, strikes };
}

function sourceDescriptions(): SourceDescription[] {
  const prices = [PERP, SPOT, OTHER_SPOT].map((instrument): SourceDescription => {
    return { source: nameOf(instrument), kind: 'price', instrument, underlying: 'BTC', interval: INTERVAL };
  });
  return [...prices, { source: nameOf(CHAIN), kind: 'option', instrument: CHAIN, underlying: 'BTC' }];
}

/** The perpetual's distance from spot, a mean-reverting fraction; funding follows it as on Binance. */
function basisPath(steps: number, random: Random): number[] {
  const basis = [0.0004];
  for (let step = 0; step < steps; step += 1) {
    const last = basis[step] ?? 0;
    basis.push(last + 0.02 * (0.0004 - last) + 0.00008 * normalDraw(random));
  }
  return basis;
}

function barInstants(
  path: readonly PathPoint[],
  listed: readonly ListedExpiry[],
  random: Random,
): RawInstant[] {
  const steps = path.length - 1;
  const basis = basisPath(steps, random.fork('basis'));
  const noise = random.fork('noise');
  const outageFrom = Math.floor(steps * 0.55) + random.fork('outage').integer(24);
  const instants: RawInstant[] = [];
  for (let step = 1; step <= steps; step += 1) {
    const point = required(path[step], 'a point of the path');
    const at = START + BigInt(step) * INTERVAL;
    const eventTime = formatInstant(at);
    const quoted = (instrument: string, value: number, digits: number): RawPrice =>
      rawPrice({
        source: nameOf(instrument),
        instrument,
        price: value.toFixed(digits),
        traded: true,
        at,
        eventTime,
      });
    const wobble = [0.00004 * normalDraw(noise), 0.00006 * normalDraw(noise)];
    const perp = quoted(PERP, point.spot * (1 + (basis[step] ?? 0)), 1);
    const prices = [
      quoted(SPOT, point.spot * (1 + (wobble[0] ?? 0)), 2),
      quoted(OTHER_SPOT, point.spot * (1 + (wobble[1] ?? 0)), 2),
    ];
    const out = step >= outageFrom && step < outageFrom + OUTAGE_STEPS;
    instants.push({
      at,
      eventTime,
      prices: out ? prices : [perp, ...prices],
      quotes: [],
      fundings: step % FUNDING_STEPS === 0 ? [fundingOf(basis, step, eventTime)] : [],
      deliveries: deliveriesAt(path, listed, step, at),
    });
  }
  return instants;
}

/** Average premium of the last 8 hours plus interest clamped around it. */
function fundingOf(basis: readonly number[], step: number, at: string): FundingRate {
  let premium = 0;
  for (let index = step - FUNDING_STEPS + 1; index <= step; index += 1)
    premium += (basis[index] ?? 0) / FUNDING_STEPS;
  const rate = premium + Math.max(-CLAMP, Math.min(CLAMP, INTEREST - premium));
  return { instrument: PERP, rate: Decimal.ofNumber(rate, 8).toString(), at, source: nameOf(PERP) };
}

/** The average of the last half hour before an expiry. */
function deliveriesAt(
  path: readonly PathPoint[],
  listed: readonly ListedExpiry[],
  step: number,
  at: Instant,
): DeliveryPrice[] {
  if (!listed.some(({ expiry }) => expiry === at)) return [];
  let total = 0;
  for (let index = step - 5; index <= step; index += 1)
    total += required(path[index], 'a point before the expiry').spot;
  const price = (total / 6).toFixed(2);
  return [{ underlying: 'BTC', venue: 'deribit', expiry: formatInstant(at), price, source: nameOf(CHAIN) }];
}

function chainInstants(
  path: readonly PathPoint[],
  listed: readonly ListedExpiry[],
  to: Instant,
  random: Random,
): RawInstant[] {
  const model = { parameters: CALM_BITCOIN, ...DEMONSTRATION_CHAIN };
  const instants: RawInstant[] = [];
  for (let hour = 1; START + BigInt(hour) * NANOS_PER_HOUR + CHAIN_DELAY < to; hour += 1) {
    const at = START + BigInt(hour) * NANOS_PER_HOUR + CHAIN_DELAY;
    const point = required(path[hour * 12], 'the point of the hour');
    const quotes = quoteChain(model, listed, point, at, nameOf(CHAIN), random);
    instants.push({ at, eventTime: formatInstant(at), prices: [], quotes, fundings: [], deliveries: [] });
  }
  return instants;
}

/** Short a straddle of the second expiry and a strangle of the third, long a put of the fourth: sold at the bid, bought at the ask. */
function demonstrationBook(chains: readonly RawInstant[], listed: readonly ListedExpiry[]): BookFile {
  const first = required(chains[0], 'the first chain');
  const legs = [
    { expiry: 1, strike: CALM_BITCOIN.spot, side: 'C', quantity: '-3' },
    { expiry: 1, strike: CALM_BITCOIN.spot, side: 'P', quantity: '-3' },
    { expiry: 2, strike: CALM_BITCOIN.spot + 3 * STRIKE_STEP, side: 'C', quantity: '-2' },
    { expiry: 2, strike: CALM_BITCOIN.spot - 3 * STRIKE_STEP, side: 'P', quantity: '-2' },
    { expiry: 3, strike: CALM_BITCOIN.spot - 4 * STRIKE_STEP, side: 'P', quantity: '1' },
  ];
  const positions = legs.map(({ expiry, strike, side, quantity }) => {
    const quote = quoteOf(first.quotes, required(listed[expiry], 'the expiry').expiry, strike, side);
    const price = required(
      quantity.startsWith('-') ? quote.bid : quote.ask,
      `a price for ${quote.instrument}`,
    );
    return { instrument: quote.instrument, quantity, price, at: first.eventTime };
  });
  const file = {
    book: 'demonstration',
    numeraire: 'USD',
    positions,
    hedge: {
      instruments: [PERP],
      policy: { kind: 'whalley-wilmott', riskAversion: '0.0001' },
      target: { delta: '0' },
    },
    limits: { maxOrderQuantity: { [PERP]: '10' }, maxGrossNotionalUsd: '3000000' },
  };
  return parseBookFile(file, 'the demonstration book');
}

function quoteOf(quotes: readonly Mark[], expiry: Instant, strike: number, side: string): Mark {
  const date = formatExpiryDate(expiry);
  return required(
    quotes.find((quote) => quote.instrument === `BTC-${date}-${strike}-${side}@deribit`),
    `a quote of ${date} ${strike} ${side}`,
  );
}
