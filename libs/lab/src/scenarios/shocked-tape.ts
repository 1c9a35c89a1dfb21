import type { DeliveryPrice, FundingRate, Mark } from '@evenkeel/facts';
import { parseInstrument } from '@evenkeel/instruments';
import { Decimal, parseDuration, yearsBetween } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { rawPrice, tapeOf } from '@evenkeel/market';
import type { RawInstant, RawPrice, Tape } from '@evenkeel/market';
import { priceBlack76, priceInverse } from '@evenkeel/pricing';
import type { Shock } from './scenario-file';

type ShockOf<Kind extends Shock['kind']> = Extract<Shock, { kind: Kind }>;

const EVERYTHING = '*';
const UNQUOTED_SPREAD = 0.0002;
const PIN_WOBBLE = 0.0003;

/** The tape as it would have been under the shocks, in the order given. Offsets count from the tape's start. */
export function shockedTape(tape: Tape, shocks: readonly Shock[], name: string): Tape {
  let instants: readonly RawInstant[] = [...tape.instants()];
  for (const shock of shocks) instants = applyShock(instants, tape.from, shock);
  const kept = instants.filter(({ prices, quotes, fundings, deliveries }) => {
    return prices.length + quotes.length + fundings.length + deliveries.length > 0;
  });
  return tapeOf({ name, from: tape.from, to: tape.to, sources: tape.sources, instants: kept });
}

function applyShock(instants: readonly RawInstant[], start: Instant, shock: Shock): readonly RawInstant[] {
  switch (shock.kind) {
    case 'price-path':
      return movePrices(instants, factorPath(start, shock));
    case 'pin':
      return pinned(instants, start, shock);
    case 'volatility':
      return within(instants, start, shock, (instant) => ({
        ...instant,
        quotes: instant.quotes.map((quote) => requoted(quote, instant.at, 1, shock.add, 1)),
      }));
    case 'silence':
      return within(instants, start, shock, (instant) => silenced(instant, names(shock.instruments)));
    case 'frozen':
      return frozen(instants, start, shock);
    case 'lie':
      return within(instants, start, shock, (instant) =>
        repriced(instant, names(shock.instruments), () => shock.factor),
      );
    case 'drift':
      return drifting(instants, start, shock);
    case 'spread':
      return within(instants, start, shock, (instant) => widened(instant, shock.factor));
    case 'funding':
      return within(instants, start, shock, (instant) => ({
        ...instant,
        fundings: instant.fundings.map((funding): FundingRate => ({ ...funding, rate: shock.rate })),
      }));
  }
}

interface Span {
  readonly from: string;
  readonly to: string;
}

function within(
  instants: readonly RawInstant[],
  start: Instant,
  span: Span,
  change: (instant: RawInstant) => RawInstant,
): readonly RawInstant[] {
  const { from, to } = timesOf(start, span);
  return instants.map((instant) => (instant.at >= from && instant.at <= to ? change(instant) : instant));
}

function timesOf(start: Instant, span: Span): { readonly from: Instant; readonly to: Instant } {
  return { from: start + parseDuration(span.from), to: start + parseDuration(span.to) };
}

/** Whether an instrument is meant: by its id, as one of an option chain (`BTC@deribit`), or with everything. */
function names(instruments: readonly string[]): (instrument: string) => boolean {
  const meant = new Set(instruments);
  return (instrument) => {
    if (meant.has(EVERYTHING) || meant.has(instrument)) return true;
    const parsed = parseInstrument(instrument);
    return (
      parsed.ok &&
      parsed.value.kind === 'option' &&
      meant.has(`${parsed.value.underlying}@${parsed.value.venue}`)
    );
  };
}

function silenced(instant: RawInstant, silent: (instrument: string) => boolean): RawInstant {
  return {
    ...instant,
    prices: instant.prices.filter(({ instrument }) => !silent(instrument)),
    quotes: instant.quotes.filter(({ instrument }) => !silent(instrument)),
  };
}

function frozen(
  instants: readonly RawInstant[],
  start: Instant,
  shock: ShockOf<'frozen'>,
): readonly RawInstant[] {
  const { from, to } = timesOf(start, shock);
  const stuck = names(shock.instruments);
  const last = new Map<string, RawPrice>();
  return instants.map((instant) => {
    if (instant.at < from || instant.at > to) {
      for (const price of instant.prices) last.set(price.instrument, price);
      return instant;
    }
    const prices = instant.prices.map((price) => {
      const before = stuck(price.instrument) ? last.get(price.instrument) : undefined;
      if (before === undefined) return price;
      return rawPrice({ ...before, at: price.at, eventTime: price.eventTime, traded: price.traded });
    });
    return { ...instant, prices };
  });
}

function drifting(
  instants: readonly RawInstant[],
  start: Instant,
  shock: ShockOf<'drift'>,
): readonly RawInstant[] {
  const { from, to } = timesOf(start, shock);
  const meant = names(shock.instruments);
  return within(instants, start, shock, (instant) => {
    const done = Number(instant.at - from) / Number(to - from);
    return repriced(instant, meant, () => 1 + (shock.factor - 1) * done);
  });
}

function factorPath(start: Instant, { points }: ShockOf<'price-path'>): (at: Instant) => number {
  const path = points.map(({ at, factor }) => ({ at: start + parseDuration(at), factor }));
  return (at) => {
    let before = { at: start, factor: 1 };
    for (const point of path) {
      if (at < point.at)
        return (
          before.factor +
          ((point.factor - before.factor) * Number(at - before.at)) / Number(point.at - before.at)
        );
      before = point;
    }
    return before.factor;
  };
}

function movePrices(instants: readonly RawInstant[], factor: (at: Instant) => number): readonly RawInstant[] {
  return instants.map((instant) => movedBy(instant, factor(instant.at)));
}

function movedBy(instant: RawInstant, factor: number): RawInstant {
  if (factor === 1) return instant;
  return {
    ...repriced(
      instant,
      () => true,
      () => factor,
    ),
    quotes: instant.quotes.map((quote) => requoted(quote, instant.at, factor, 0, 1)),
    deliveries: instant.deliveries.map((delivery): DeliveryPrice => ({
      ...delivery,
      price: scaled(delivery.price, factor),
    })),
  };
}

/** Everything of an instant is moved by the factor that takes its spot-like price to the level. */
function pinned(
  instants: readonly RawInstant[],
  start: Instant,
  shock: ShockOf<'pin'>,
): readonly RawInstant[] {
  const { from, to } = timesOf(start, shock);
  const ramp = Number(parseDuration(shock.ramp));
  let spot = 0;
  let turn = 1;
  return instants.map((instant) => {
    const seen = instant.prices[0] ?? undefined;
    if (seen !== undefined) spot = Number(seen.price);
    if (instant.at < from || instant.at > to || spot === 0) return instant;
    const weight = Math.min(1, Number(instant.at - from) / ramp);
    if (seen !== undefined) turn = -turn;
    const wanted = shock.level * (1 + turn * PIN_WOBBLE);
    return movedBy(instant, 1 + weight * (wanted / spot - 1));
  });
}

function repriced(
  instant: RawInstant,
  meant: (instrument: string) => boolean,
  factor: (price: RawPrice) => number,
): RawInstant {
  return {
    ...instant,
    prices: instant.prices.map((price): RawPrice => {
      if (!meant(price.instrument)) return price;
      const by = factor(price);
      return rawPrice({
        ...price,
        price: scaled(price.price, by),
        bid: price.bid === undefined ? undefined : scaled(price.bid, by),
        ask: price.ask === undefined ? undefined : scaled(price.ask, by),
      });
    }),
  };
}

function widened(instant: RawInstant, factor: number): RawInstant {
  const prices = instant.prices.map((price): RawPrice => {
    const middle = Number(price.price);
    const spread =
      price.bid === undefined || price.ask === undefined
        ? middle * UNQUOTED_SPREAD
        : Number(price.ask) - Number(price.bid);
    const half = (spread * factor) / 2;
    const digits = digitsOf(price.price);
    return rawPrice({
      ...price,
      bid: (middle - half).toFixed(digits),
      ask: (middle + half).toFixed(digits),
    });
  });
  const quotes = instant.quotes.map((quote) => requoted(quote, instant.at, 1, 0, factor));
  return { ...instant, prices, quotes };
}

/** An option's quote at another price of its underlying, volatility or width, from the same kernel that values books. */
function requoted(quote: Mark, at: Instant, factor: number, addedVolatility: number, width: number): Mark {
  const { volatility, forward } = quote;
  const parsed = parseInstrument(quote.instrument);
  if (!parsed.ok || volatility === undefined || forward === undefined) return quote;
  const { expiry, strike, optionType, inverse } = parsed.value;
  if (expiry === undefined || strike === undefined || optionType === undefined) return quote;
  const sigma = Math.max(0.01, volatility + addedVolatility);
  const inputs = {
    type: optionType,
    F: Number(forward) * factor,
    K: strike.toNumber(),
    T: Math.max(0, yearsBetween(at, expiry)),
    sigma,
  };
  const before = Number(quote.price);
  const after = inverse ? priceInverse(inputs).valueCoin : priceBlack76({ ...inputs, r: 0 }).value;
  const side = (text: string): string =>
    Decimal.ofNumber(Math.max(0, after + (Number(text) - before) * width), 8).toString();
  return {
    ...quote,
    price: Decimal.ofNumber(after, 8).toString(),
    volatility: sigma,
    forward: scaled(forward, factor),
    index: quote.index === undefined ? undefined : scaled(quote.index, factor),
    bid: quote.bid === undefined ? undefined : side(quote.bid),
    ask: quote.ask === undefined ? undefined : side(quote.ask),
  };
}

const digitsOf = (text: string): number => (text.split('.')[1] ?? '').length;

function scaled(text: string, factor: number): string {
  return factor === 1 ? text : (Number(text) * factor).toFixed(Math.max(2, digitsOf(text)));
}
