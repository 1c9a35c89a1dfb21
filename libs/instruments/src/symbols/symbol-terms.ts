import { Decimal, formatInstant, instantOfDate } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { FRIDAY, civilDay, lastWeekday } from '../calendar/civil-day';
import type { CivilDay } from '../calendar/civil-day';

export type OptionType = 'call' | 'put';
export type InstrumentKind = 'spot' | 'perpetual' | 'future' | 'option' | 'pool';

/** What a symbol says of a contract by itself. */
export interface SymbolTerms {
  readonly kind: InstrumentKind;
  /** The asset whose price the contract follows: `BTC`. */
  readonly underlying: string;
  /** The currency its price is quoted in: `USDT`, `USD`, or the coin for coin-quoted options. */
  readonly quote: string;
  /** The currency that profit and premium are paid in. */
  readonly settlement: string;
  /** True when value is paid in the underlying itself (coin-settled). */
  readonly inverse: boolean;
  /** Tells contracts of one venue apart that have all of this in common: `SPXW`, the market of a builder. */
  readonly series?: string;
  readonly expiry?: Instant;
  readonly strike?: Decimal;
  readonly optionType?: OptionType;
}

/** Reads the symbols of one venue; says why it does not read one that the venue does have. */
export type Grammar = (symbol: string) => SymbolTerms | string | undefined;

export const NO_SUCH_DAY = 'expires on a day that does not exist';

/** When crypto venues deliver, on the day that a symbol names. */
export const CRYPTO_DELIVERY = '08:00 UTC';
const DELIVERY_HOUR = Number(CRYPTO_DELIVERY.slice(0, 2));
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** The month letters of futures exchanges. */
const MONTH_LETTERS = 'FGHJKMNQUVXZ';

export function spot(underlying: string, quote: string): SymbolTerms {
  return { kind: 'spot', underlying, quote, settlement: quote, inverse: false };
}

/** A perpetual, or with an expiry a future. Quoted in USD it is paid in coin, in a stablecoin in that. */
export function margined(underlying: string, quote: string, expiry?: Instant): SymbolTerms {
  const inverse = quote === 'USD';
  const settlement = inverse ? underlying : quote;
  const terms = { underlying, quote, settlement, inverse };
  return expiry === undefined ? { kind: 'perpetual', ...terms } : { kind: 'future', ...terms, expiry };
}

/** Of a day that exists. `settlement`: the coin itself where premiums are coin, else a stablecoin. `strike`: as written, `1d5` is 1.5. */
export function option(
  underlying: string,
  settlement: string,
  expiry: Instant | undefined,
  strike: string,
  side: string,
): SymbolTerms | string {
  if (expiry === undefined) return NO_SUCH_DAY;
  return {
    kind: 'option',
    underlying,
    quote: settlement,
    settlement,
    inverse: settlement === underlying,
    expiry,
    strike: Decimal.parse(strike.replace('d', '.')),
    optionType: side === 'C' ? 'call' : 'put',
  };
}

/** `23JAN26` or `6FEB26`; undefined for a day that does not exist. */
export function namedDate(text: string): Instant | undefined {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(text) ?? [];
  const found =
    year === '' ? undefined : civilDay(2000 + Number(year), MONTHS.indexOf(month) + 1, Number(day));
  return found === undefined ? undefined : deliveryOn(found);
}

/** `260327`; undefined for a day that does not exist. */
export function numberedDate(text: string): Instant | undefined {
  const day = numberedDay(text);
  return day === undefined ? undefined : deliveryOn(day);
}

/** The day that `260327` is. */
export function numberedDay(text: string): CivilDay | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{2})(\d{2})(\d{2})$/.exec(text) ?? [];
  return year === '' ? undefined : civilDay(2000 + Number(year), Number(month), Number(day));
}

/** `H26`: the last Friday of March 2026. */
export function quarterDate(letter: string, year: string): Instant | undefined {
  const month = monthOfLetter(letter);
  return month === undefined ? undefined : deliveryOn(lastWeekday(2000 + Number(year), month, FRIDAY));
}

/** `H` is March, as futures exchanges write it. */
export function monthOfLetter(letter: string): number | undefined {
  const index = MONTH_LETTERS.indexOf(letter);
  return index < 0 ? undefined : index + 1;
}

function deliveryOn({ year, month, day }: CivilDay): Instant {
  return instantOfDate(year, month, day, DELIVERY_HOUR);
}

/** The symbol part of an expiry: `23JAN26`, as Deribit writes it. */
export function formatExpiryDate(expiry: Instant): string {
  const iso = formatInstant(expiry);
  return `${Number(iso.slice(8, 10))}${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}${iso.slice(2, 4)}`;
}

/**
 * What pairs are quoted in, by the venues' listings: dollars and stablecoins, other money, coins. Symbols are written without a
 * mark between their halves, so the longest name at the end is the quote: BTCFDUSD is BTC in FDUSD.
 */
const QUOTE_ASSETS = [
  ...[
    'USD',
    'USDT',
    'USDC',
    'FDUSD',
    'BUSD',
    'TUSD',
    'USDE',
    'USDP',
    'USD1',
    'PYUSD',
    'RLUSD',
    'DAI',
    'USDS',
  ],
  ...[
    'EUR',
    'GBP',
    'TRY',
    'BRL',
    'JPY',
    'AUD',
    'ARS',
    'MXN',
    'ZAR',
    'PLN',
    'UAH',
    'RON',
    'COP',
    'CZK',
    'IDR',
    'NGN',
    'RUB',
  ],
  ...['BTC', 'ETH', 'BNB', 'SOL', 'XRP', 'DOGE', 'TRX', 'DOT', 'MNT'],
].sort((left, right) => right.length - left.length || (left < right ? -1 : 1));

const ASSET = /^[A-Z0-9]{1,20}$/;

/** The two halves of `BTCUSDT`; undefined where the end is no quote asset that we know. */
export function splitPair(pair: string): readonly [string, string] | undefined {
  for (const quote of QUOTE_ASSETS) {
    const base = pair.slice(0, -quote.length);
    if (pair.endsWith(quote) && ASSET.test(base)) return [base, quote];
  }
  return undefined;
}
