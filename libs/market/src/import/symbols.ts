import { parsed } from './parsed';

/** How the symbols of a place become ids: the venue, and what its symbol is called here. */
interface Place {
  readonly venue: string;
  readonly symbol: (symbol: string) => string;
}

const asIs = (symbol: string): string => symbol;

/** `BTCUSDT` is a perpetual here, `BTCUSDT_260327` and `BTCUSD_PERP` say what they are. */
export function binanceFutures(symbol: string): string {
  const [pair = '', part] = symbol.split('_');
  if (part === undefined || part === 'PERP') return `${pair}-PERP`;
  return `${pair}-${part}`;
}

const BYBIT_PERPETUAL = /^[A-Z0-9]+(?:USDT|USD)$/;

/** Of what is traded on margin: `BTCUSDT` is a perpetual, `BTCPERP`, `BTC-27MAR26` and `BTCUSDH26` say what they are. */
export function bybitMargined(symbol: string): string {
  return BYBIT_PERPETUAL.test(symbol) ? `${symbol}-PERP` : symbol;
}

/** Archives write symbols in capitals: the `d` of a strike's decimal point is one too. */
function deribit(symbol: string): string {
  return symbol.replace(/-(\d+)D(\d+)-([CP])$/, '-$1d$2-$3');
}

/** The exchanges of Tardis by the names they have there, as far as a grammar reads their symbols. */
export const TARDIS_EXCHANGES: Readonly<Record<string, Place>> = {
  deribit: { venue: 'deribit', symbol: deribit },
  binance: { venue: 'binance', symbol: asIs },
  'binance-futures': { venue: 'binance', symbol: binanceFutures },
  'binance-delivery': { venue: 'binance', symbol: binanceFutures },
  'binance-european-options': { venue: 'binance', symbol: asIs },
  okex: { venue: 'okx', symbol: asIs },
  'okex-swap': { venue: 'okx', symbol: asIs },
  'okex-futures': { venue: 'okx', symbol: asIs },
  'okex-options': { venue: 'okx', symbol: asIs },
  bybit: { venue: 'bybit', symbol: bybitMargined },
  'bybit-spot': { venue: 'bybit', symbol: asIs },
  'bybit-options': { venue: 'bybit', symbol: asIs },
  hyperliquid: { venue: 'hyperliquid', symbol: (coin) => `${coin}-PERP` },
};

/** The id of `BTCUSD_PERP@binance`, a symbol as its venue writes it; undefined where it is none. */
export function idOfSymbol(written: string): string | undefined {
  const [symbol = '', venue] = written.split('@');
  return Object.values(TARDIS_EXCHANGES)
    .filter((place) => place.venue === venue)
    .map((place) => `${place.symbol(symbol.toUpperCase())}@${place.venue}`)
    .find((id) => parsed(id) !== undefined);
}

/** Venues' own archives. */
export const VENUE_ARCHIVES: Readonly<Record<string, Place>> = {
  deribit: { venue: 'deribit', symbol: deribit },
  okx: { venue: 'okx', symbol: asIs },
  'binance-options': { venue: 'binance', symbol: asIs },
  'bybit-margined': { venue: 'bybit', symbol: bybitMargined },
};
