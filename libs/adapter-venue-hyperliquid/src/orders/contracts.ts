import { failure, success, type Result } from '@evenkeel/kernel';
import { arrayField, asArray, asObject, integerField, optionalText, textField } from '@evenkeel/venue-wire';
import type { WireValue } from '@evenkeel/venue-wire';
import { readOutcome, type Ask, type HttpCall } from '@evenkeel/venue-orders';

import { instrumentIdOf } from '../instrument-id';

/** A coin that trades, as orders name it. */
export interface Asset {
  readonly number: number;
  /** Places that a size may have. */
  readonly sizeDecimals: number;
}

/** Markets of builders (HIP-3) are numbered from here, ten thousand to each. */
const BUILDERS_FROM = 100_000;
const BUILDER_SPAN = 10_000;
/** The venue's own market has no name. */
export const OWN_MARKET = '';

export const info = (question: Readonly<Record<string, unknown>>): HttpCall => ({
  method: 'POST',
  path: '/info',
  body: JSON.stringify(question),
});

export const marketOf = (coin: string): string =>
  coin.includes(':') ? coin.slice(0, coin.indexOf(':')) : OWN_MARKET;

export const coinOf = (id: string): string => id.replace(/@hyperliquid$/, '').replace(/-PERP$/, '');

/** The numbers of what trades, which the venue tells: of its own market, and of those builders' markets that an account trades at. */
export class Assets {
  private byCoin: ReadonlyMap<string, Asset> = new Map();
  /** Markets in which something is traded or may rest. */
  readonly markets: readonly string[];

  constructor(private readonly instruments: readonly string[]) {
    this.markets = [...new Set([OWN_MARKET, ...instruments.map((id) => marketOf(coinOf(id)))])];
  }

  get(coin: string): Asset | undefined {
    return this.byCoin.get(coin);
  }

  /** Fails where something that is to be traded is not listed. */
  async load(ask: Ask): Promise<Result<void>> {
    const places = await this.placesOf(ask);
    if (!places.ok) return places;
    const byCoin = new Map<string, Asset>();
    for (const market of this.markets) {
      const place = places.value.indexOf(market);
      if (place < 0) return failure('VENUES.ACCOUNT_MODE', `the venue lists no market ${market}`);
      const first = place === 0 ? 0 : BUILDERS_FROM + place * BUILDER_SPAN;
      const question = market === OWN_MARKET ? { type: 'meta' } : { type: 'meta', dex: market };
      const coins = readOutcome(await ask(info(question)), (result) => readUniverse(result, first));
      if (!coins.ok) return coins;
      for (const [coin, asset] of coins.value) byCoin.set(coin, asset);
    }
    const missing = this.instruments.filter((id) => !byCoin.has(coinOf(id)));
    if (missing.length > 0)
      return failure('VENUES.ACCOUNT_MODE', `the venue does not list ${missing.join(', ')}`);
    this.byCoin = byCoin;
    return success(undefined);
  }

  /** Markets by their places in the venue's list of them. */
  private async placesOf(ask: Ask): Promise<Result<readonly string[]>> {
    if (this.markets.length === 1) return success([OWN_MARKET]);
    return readOutcome(await ask(info({ type: 'perpDexs' })), (result) =>
      asArray(result, 'perpDexs').map((item) =>
        item === null ? OWN_MARKET : textField(asObject(item, 'perpDexs'), 'name'),
      ),
    );
  }
}

function readUniverse(result: WireValue, first: number): readonly (readonly [string, Asset])[] {
  return arrayField(asObject(result, 'meta'), 'universe').map((item, at) => {
    const coin = asObject(item, 'universe');
    return [textField(coin, 'name'), { number: first + at, sizeDecimals: integerField(coin, 'szDecimals') }];
  });
}

/** Our id of a coin that an order or a position names. */
export const idOf = instrumentIdOf;

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;

/** Our id as the venue takes it: sixteen bytes in hex; undefined for what is no UUID. */
export const cloidOf = (clientOrderId: string): string | undefined =>
  UUID.test(clientOrderId) ? `0x${clientOrderId.replace(/-/g, '')}` : undefined;

/** And back. */
export function clientOrderIdOf(item: Parameters<typeof optionalText>[0]): string | undefined {
  return optionalText(item, 'cloid')?.replace(/^0x/, '').replace(UUID, '$1-$2-$3-$4-$5');
}
