import { Decimal, failure, formatInstant, instantOfDate, memoised, success } from '@evenkeel/kernel';
import type { Instant, Result } from '@evenkeel/kernel';

/** `<symbol>@<venue>`, e.g. `BTC-23JAN26-96000-C@deribit`. */
export type InstrumentId = string;

export type OptionType = 'call' | 'put';
export type InstrumentKind = 'spot' | 'perpetual' | 'future' | 'option' | 'pool';

/** What the id alone says of a contract. */
export interface ParsedInstrument {
  readonly id: InstrumentId;
  readonly symbol: string;
  readonly venue: string;
  readonly kind: InstrumentKind;
  /** The asset whose price the contract follows: `BTC`. */
  readonly underlying: string;
  /** The currency its price is quoted in: `USDT`, `USD`, or the coin for coin-quoted options. */
  readonly quote: string;
  /** The currency that profit and premium are paid in. */
  readonly settlement: string;
  /** True when value is paid in the underlying itself (coin-settled). */
  readonly inverse: boolean;
  readonly expiry?: Instant;
  readonly strike?: Decimal;
  readonly optionType?: OptionType;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DERIBIT_EXPIRY_HOUR = 8;

const DERIBIT_OPTION = /^([A-Z]+)(?:_(USDC|USDT))?-(\d{1,2})([A-Z]{3})(\d{2})-(\d+(?:d\d+)?)-([CP])$/;
const DERIBIT_FUTURE = /^([A-Z]+)(?:_(USDC|USDT))?-(\d{1,2})([A-Z]{3})(\d{2})$/;
const DERIBIT_PERPETUAL = /^([A-Z]+)(?:_(USDC|USDT))?-PERPETUAL$/;
const DASHED_SWAP = /^([A-Z0-9]+)-(USDT|USDC|USD)-SWAP$/;
const PAIR = /^([A-Z0-9]+?)(USDT|USDC|USD)(-PERP)?$/;
/** Not a pair: nobody lists a coin that is called BTCUSDC. */
const COIN_PERPETUAL = /^(?!.*(?:USDC|USDT|USD)-PERP$)(k?[A-Z0-9]+)-PERP$/;
const POOL = /^([A-Za-z]+)-([A-Za-z]+)-(\d+)$/;

/** 08:00 UTC on the date in a venue's symbol (`23JAN26`). */
function parseExpiry(day: string, month: string, year: string): Instant | undefined {
  const index = MONTHS.indexOf(month);
  if (index < 0) return undefined;
  return instantOfDate(2000 + Number(year), index + 1, Number(day), DERIBIT_EXPIRY_HOUR);
}

/** The symbol part of an expiry: `23JAN26`, as Deribit writes it. */
export function formatExpiryDate(expiry: Instant): string {
  const iso = formatInstant(expiry);
  return `${Number(iso.slice(8, 10))}${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}${iso.slice(2, 4)}`;
}

const PARSED_MAX = 20_000;

/** Reads an instrument id, remembered. Failure `INSTRUMENT.UNKNOWN_FORM` names what was expected. */
export const parseInstrument: (id: InstrumentId) => Result<ParsedInstrument> = memoised(PARSED_MAX, readId);

function readId(id: InstrumentId): Result<ParsedInstrument> {
  const at = id.lastIndexOf('@');
  if (at <= 0 || at === id.length - 1) {
    return failure('INSTRUMENT.UNKNOWN_FORM', `"${id}" is not of the form <symbol>@<venue>`);
  }
  const symbol = id.slice(0, at);
  const venue = id.slice(at + 1);
  const parsed = (GRAMMARS.get(venue) ?? parseCommon)(symbol);
  if (parsed === undefined)
    return failure('INSTRUMENT.UNKNOWN_FORM', `"${symbol}" is not an instrument we know on ${venue}`);
  return success({ id, symbol, venue, ...parsed });
}

type Terms = Omit<ParsedInstrument, 'id' | 'symbol' | 'venue'>;

/** Venues whose symbols say more, or less, than the common forms; theirs are read in no other way. */
const GRAMMARS: ReadonlyMap<string, (symbol: string) => Terms | undefined> = new Map([
  ['deribit', parseDeribit],
  ['hyperliquid', parseCoin],
]);

/** `BTC-USDT-SWAP`, `BTCUSDT`, `BTCUSDT-PERP`, `WETH-USDC-500`. */
function parseCommon(symbol: string): Terms | undefined {
  return parseSwap(symbol) ?? parsePair(symbol) ?? parsePool(symbol);
}

/** `BTC-PERP`: a coin's perpetual, quoted and settled in USDC. */
function parseCoin(symbol: string): Terms | undefined {
  const [, coin] = COIN_PERPETUAL.exec(symbol) ?? [];
  if (coin === undefined) return undefined;
  return { kind: 'perpetual', underlying: coin, quote: 'USDC', settlement: 'USDC', inverse: false };
}

function parseDeribit(symbol: string): Terms | undefined {
  const option = DERIBIT_OPTION.exec(symbol);
  if (option !== null) {
    const [, coin = '', stable, day = '', month = '', year = '', strike = '', side] = option;
    const expiry = parseExpiry(day, month, year);
    if (expiry === undefined) return undefined;
    const settlement = stable ?? coin;
    return {
      kind: 'option',
      underlying: coin,
      quote: settlement,
      settlement,
      inverse: stable === undefined,
      expiry,
      strike: Decimal.parse(strike.replace('d', '.')),
      optionType: side === 'C' ? 'call' : 'put',
    };
  }
  const future = DERIBIT_FUTURE.exec(symbol);
  if (future !== null) {
    const [, coin = '', stable, day = '', month = '', year = ''] = future;
    const expiry = parseExpiry(day, month, year);
    if (expiry === undefined) return undefined;
    return {
      kind: 'future',
      underlying: coin,
      quote: stable ?? 'USD',
      settlement: stable ?? coin,
      inverse: stable === undefined,
      expiry,
    };
  }
  const perpetual = DERIBIT_PERPETUAL.exec(symbol);
  if (perpetual === null) return undefined;
  const [, coin = '', stable] = perpetual;
  return {
    kind: 'perpetual',
    underlying: coin,
    quote: stable ?? 'USD',
    settlement: stable ?? coin,
    inverse: stable === undefined,
  };
}

function parseSwap(symbol: string): Terms | undefined {
  const match = DASHED_SWAP.exec(symbol);
  if (match === null) return undefined;
  const [, coin = '', quote = ''] = match;
  const inverse = quote === 'USD';
  return { kind: 'perpetual', underlying: coin, quote, settlement: inverse ? coin : quote, inverse };
}

function parsePair(symbol: string): Terms | undefined {
  const match = PAIR.exec(symbol);
  if (match === null) return undefined;
  const [, coin = '', quote = '', perp] = match;
  if (perp === undefined) return { kind: 'spot', underlying: coin, quote, settlement: quote, inverse: false };
  const inverse = quote === 'USD';
  return { kind: 'perpetual', underlying: coin, quote, settlement: inverse ? coin : quote, inverse };
}

function parsePool(symbol: string): Terms | undefined {
  const match = POOL.exec(symbol);
  if (match === null) return undefined;
  const [, base = '', quote = ''] = match;
  return {
    kind: 'pool',
    underlying: base.replace(/^W(?=ETH$|BTC$)/, ''),
    quote,
    settlement: quote,
    inverse: false,
  };
}
