import { fiveFigures } from './significant-figures';
import { products } from './table';
import type { Row, VenueTable } from './table';

/** What the markets of builders (HIP-3) are paid in, by the name of the market. */
export const BUILDER_COLLATERAL: ReadonlyMap<string, string> = new Map([
  ['xyz', 'USDC'],
  ['hyna', 'USDE'],
  ['km', 'USDH'],
]);

/** One coin a contract; lots and ticks follow from `szDecimals`. */
function coin(underlying: string, sizeDecimals: number, more: Row[4] = {}): Row {
  const { tickSize, tickSteps, lotSize } = fiveFigures(sizeDecimals);
  return [underlying, '1', tickSize, lotSize, { tickSteps, ...more }];
}

export const HYPERLIQUID: VenueTable = {
  venue: 'hyperliquid',
  version: '2026-11-30',
  sources: {
    meta: {
      says: 'info/meta: szDecimals, published by others; ticks by Hyperliquid’s rule of five significant figures',
      date: '2026-09-25',
    },
    builders: {
      says: 'info/meta of builders: szDecimals, collateralToken, published by others',
      date: '2026-09-23',
    },
    fees: { says: 'info/userFees at the lowest tier, published by others', date: '2026-09-26' },
  },
  fees: {
    perpetual: { makerFee: '0.00015', takerFee: '0.00045', source: 'fees' },
  },
  endings: {},
  products: [
    ...products(
      { kind: 'perpetual', settlement: 'USDC', source: 'meta', halfSpreadBps: '0.2' },
      coin('BTC', 5),
      coin('ETH', 4, { halfSpreadBps: '0.3' }),
      coin('SOL', 2, { halfSpreadBps: '1' }),
      coin('ATOM', 2, { halfSpreadBps: '2' }),
      coin('DYDX', 1, { halfSpreadBps: '2' }),
    ),
    ...products(
      { kind: 'perpetual', settlement: 'USDC', source: 'builders', halfSpreadBps: '2' },
      coin('TSLA', 3, { series: 'xyz' }),
    ),
    ...products(
      { kind: 'perpetual', settlement: 'USDE', source: 'builders', halfSpreadBps: '1' },
      coin('BTC', 5, { series: 'hyna' }),
    ),
    ...products(
      { kind: 'perpetual', settlement: 'USDH', source: 'builders', halfSpreadBps: '2' },
      coin('US500', 3, { series: 'km' }),
    ),
  ],
};
