import { BINANCE } from './binance';
import { BYBIT } from './bybit';
import { CBOE } from './cboe';
import { CME } from './cme';
import { DERIBIT } from './deribit';
import { HYPERLIQUID } from './hyperliquid';
import { OKX } from './okx';
import { SIMULATED } from './simulated';
import { productKey } from './table';
import type { Product, VenueTable } from './table';

/** The contract terms of the venues we know. Deliberately one table each: a figure is looked up where its venue said it. */
export const VENUE_TABLES: readonly VenueTable[] = [
  DERIBIT,
  BINANCE,
  BYBIT,
  OKX,
  HYPERLIQUID,
  CBOE,
  CME,
  SIMULATED,
];

const BY_VENUE: ReadonlyMap<
  string,
  { readonly table: VenueTable; readonly products: ReadonlyMap<string, Product> }
> = new Map(
  VENUE_TABLES.map((table) => [
    table.venue,
    { table, products: new Map(table.products.map((product) => [productKey(product), product])) },
  ]),
);

/** The row of a contract and the table it stands in; undefined where the venue's table has none. */
export function productOf(
  venue: string,
  wanted: Pick<Product, 'kind' | 'underlying' | 'settlement' | 'series'>,
): { readonly table: VenueTable; readonly product: Product } | undefined {
  const known = BY_VENUE.get(venue);
  const product = known?.products.get(productKey(wanted));
  return known === undefined || product === undefined ? undefined : { table: known.table, product };
}
