import type { Instant } from '@evenkeel/kernel';
import { BUILDER_COLLATERAL } from '../terms/hyperliquid';
import { indexFuture, indexOption } from './index-contracts';
import {
  NO_SUCH_DAY,
  margined,
  namedDate,
  numberedDate,
  option,
  quarterDate,
  splitPair,
  spot,
} from './symbol-terms';
import type { Grammar, SymbolTerms } from './symbol-terms';

type Read = (...parts: string[]) => SymbolTerms | string | undefined;

/** The first form that fits decides. */
function forms(...all: readonly (readonly [RegExp, Read])[]): Grammar {
  return (symbol) => {
    for (const [form, read] of all) {
      const match = form.exec(symbol);
      if (match !== null) return read(...match.slice(1).map((part: string | undefined) => part ?? ''));
    }
    return undefined;
  };
}

const COMBO = 'is a combination of contracts: name its legs';

/** Deribit: `BTC-27MAR26-90000-C`, `XRP_USDC-27MAR26-0d52-P`, `BTC-27MAR26`, `BTC-PERPETUAL`, `BTC_USDC-PERPETUAL`, `BTC_USDC`. */
const deribit = forms(
  [
    /^([A-Z0-9]+)(?:_(USDC|USDT))?-(\d{1,2}[A-Z]{3}\d{2})-(\d+(?:d\d+)?)-([CP])$/,
    (coin = '', stable = '', date = '', strike = '', side = '') =>
      option(coin, stable === '' ? coin : stable, namedDate(date), strike, side),
  ],
  [
    /^([A-Z0-9]+)(?:_(USDC|USDT))?-(\d{1,2}[A-Z]{3}\d{2})$/,
    (coin = '', stable = '', date = '') => dated(coin, stable === '' ? 'USD' : stable, namedDate(date)),
  ],
  [
    /^([A-Z0-9]+)(?:_(USDC|USDT))?-PERPETUAL$/,
    (coin = '', stable = '') => margined(coin, stable === '' ? 'USD' : stable),
  ],
  [/^([A-Z0-9]+)_([A-Z0-9]+)$/, (coin = '', quote = '') => spot(coin, quote)],
  [/^[A-Z0-9]+(?:_(?:USDC|USDT))?-[A-Z]+\d*-\d{1,2}[A-Z]{3}\d{2}(?:-|_)/, () => COMBO],
);

/** A future is of a day that exists. */
function dated(coin: string, quote: string, expiry: Instant | undefined): SymbolTerms | string {
  return expiry === undefined ? NO_SUCH_DAY : margined(coin, quote, expiry);
}

function pairOf(
  text: string,
  read: (base: string, quote: string) => SymbolTerms | undefined,
): SymbolTerms | undefined {
  const pair = splitPair(text);
  return pair === undefined ? undefined : read(...pair);
}

/** What is traded on margin is quoted in dollars of some kind. */
const DOLLAR_QUOTE = /USD[TCE1]?$/;

function marginedPair(text: string, expiry?: Instant): SymbolTerms | undefined {
  return pairOf(text, (base, quote) =>
    DOLLAR_QUOTE.test(quote) ? margined(base, quote, expiry) : undefined,
  );
}

/** Binance: `BTCUSDT` is spot; `-PERP` and a date tell USD-M and COIN-M from it; `BTC-260327-90000-C` is paid in USDT. */
const binance = forms(
  [
    /^([A-Z0-9]+)-(\d{6})-(\d+(?:\.\d+)?)-([CP])$/,
    (coin = '', date = '', strike = '', side = '') => option(coin, 'USDT', numberedDate(date), strike, side),
  ],
  [/^([A-Z0-9]+)-PERP$/, (pair = '') => marginedPair(pair)],
  [
    /^([A-Z0-9]+)-(\d{6})$/,
    (pair = '', date = '') => {
      const expiry = numberedDate(date);
      return expiry === undefined ? NO_SUCH_DAY : marginedPair(pair, expiry);
    },
  ],
  [/^([A-Z0-9]+)$/, (pair = '') => pairOf(pair, spot)],
);

/**
 * Bybit: `BTCUSDT-PERP` and `BTCUSD-PERP` are perpetuals, `BTCPERP` the one in USDC; `BTC-27MAR26` is a future in USDC, `BTCUSDT-27MAR26`
 * one in USDT, `BTCUSDH26` one in coin; options are paid in USDC, or in what stands at their end.
 */
const bybit = forms(
  [
    /^([A-Z0-9]+)-(\d{1,2}[A-Z]{3}\d{2})-(\d+(?:\.\d+)?)-([CP])(?:-(USDT|USDC))?$/,
    (coin = '', date = '', strike = '', side = '', stable = '') =>
      option(coin, stable === '' ? 'USDC' : stable, namedDate(date), strike, side),
  ],
  [
    /^([A-Z0-9]+?)(USDT)?-(\d{1,2}[A-Z]{3}\d{2})$/,
    (coin = '', stable = '', date = '') => dated(coin, stable === '' ? 'USDC' : stable, namedDate(date)),
  ],
  [/^([A-Z0-9]+)-PERP$/, (pair = '') => marginedPair(pair)],
  [/^([A-Z0-9]+)PERP$/, (coin = '') => margined(coin, 'USDC')],
  [
    /^([A-Z0-9]+)USD([FGHJKMNQUVXZ])(\d{2})$/,
    (coin = '', letter = '', year = '') => dated(coin, 'USD', quarterDate(letter, year)),
  ],
  [/^([A-Z0-9]+)$/, (pair = '') => pairOf(pair, spot)],
);

/**
 * OKX: `BTC-USDT`, `BTC-USDT-SWAP`, `BTC-USD-260327`, `BTC-USD-260327-90000-C`, whose premium is coin; `BTC-USD_UM-261030` is sized in
 * coin and paid in dollars.
 */
const okx = forms(
  [
    /^([A-Z0-9]+)-(USD|USDT|USDC)-(\d{6})-(\d+(?:\.\d+)?)-([CP])$/,
    (coin = '', quote = '', date = '', strike = '', side = '') =>
      option(coin, quote === 'USD' ? coin : quote, numberedDate(date), strike, side),
  ],
  [/^([A-Z0-9]+)-(USD|USDT|USDC)-SWAP$/, (coin = '', quote = '') => margined(coin, quote)],
  [
    /^([A-Z0-9]+)-(USD|USDT|USDC)-(\d{6})$/,
    (coin = '', quote = '', date = '') => dated(coin, quote, numberedDate(date)),
  ],
  [
    /^([A-Z0-9]+)-USD_UM-(\d{6})$/,
    (coin = '', date = '') => {
      const expiry = numberedDate(date);
      const paid = { underlying: coin, quote: 'USD', settlement: 'USD', inverse: false };
      return expiry === undefined ? NO_SUCH_DAY : { kind: 'future', ...paid, expiry };
    },
  ],
  [/^([A-Z0-9]+)-([A-Z0-9]+)$/, (coin = '', quote = '') => spot(coin, quote)],
);

/** Hyperliquid: `BTC-PERP`, `kPEPE-PERP`, paid in USDC; `xyz:TSLA-PERP` in what its builder takes; `PURR/USDC` is spot. */
const hyperliquid = forms(
  // Nobody lists a coin that is called BTCUSDC.
  [/^(?!.*(?:USDC|USDT|USD)-PERP$)(k?[A-Z0-9]+)-PERP$/, (coin = '') => margined(coin, 'USDC')],
  [/^([A-Z0-9]+)\/(USDC|USDT0?|USDH|USDE)$/, (coin = '', quote = '') => spot(coin, quote)],
  [/^([a-z0-9]+):([A-Za-z0-9]+)-PERP$/, (builder = '', coin = '') => ofBuilder(builder, coin)],
  [/^@\d+$/, () => 'is a spot pair by its number: only its listing says which'],
);

/** A perpetual in the market of a builder (HIP-3): who may list what they like, and choose what it is paid in. */
function ofBuilder(builder: string, coin: string): SymbolTerms | string {
  const collateral = BUILDER_COLLATERAL.get(builder);
  const known = [...BUILDER_COLLATERAL.keys()].join(', ');
  return collateral === undefined
    ? `is of a builder whose collateral is not known; known are ${known}`
    : { ...margined(coin, collateral), series: builder };
}

/** Exchanges without a grammar of their own, which serve as sources of prices: `BTCUSDT`, `BTCUSDT-PERP`. */
const plain = forms(
  [/^([A-Z0-9]+)-PERP$/, (pair = '') => marginedPair(pair)],
  [/^([A-Z0-9]+)$/, (pair = '') => pairOf(pair, spot)],
);

/** Cboe, as the Options Clearing Corporation writes it, without blanks: `SPXW210106C03700000`. */
const cboe = forms([
  /^([A-Z]{2,6})(\d{6})([CP])(\d{8})$/,
  (root = '', date = '', side = '', strike = '') => indexOption(root, date, side, strike),
]);

/** CME: `ESH21`, `MESZ26`: the root, the month by its letter, the year. */
const cme = forms([
  /^([A-Z0-9]{2,3})([FGHJKMNQUVXZ])(\d{2})$/,
  (root = '', letter = '', year = '') => indexFuture(root, letter, year),
]);

const POOL_VENUE = /^uniswap-/;

/** `WETH-USDC-500` where pools are traded: the two tokens and the fee in hundredths of a basis point. */
const pools = forms([
  /^([A-Za-z]+)-([A-Za-z]+)-\d+$/,
  (base = '', quote = '') => ({
    ...spot(base.replace(/^W(?=ETH$|BTC$)/, ''), quote),
    kind: 'pool',
  }),
]);

const GRAMMARS: ReadonlyMap<string, Grammar> = new Map([
  ['deribit', deribit],
  ['binance', binance],
  ['bybit', bybit],
  ['okx', okx],
  ['hyperliquid', hyperliquid],
  ['cboe', cboe],
  ['cme', cme],
]);

/** How a venue's symbols are read. */
export function grammarOf(venue: string): Grammar {
  return GRAMMARS.get(venue) ?? (POOL_VENUE.test(venue) ? pools : plain);
}
