import type { Feed } from '@evenkeel/venue-wire';

const DATED = /-|[FGHJKMNQUVXZ]\d\d$|PERP$/;

/** Our id of a Bybit symbol: perpetuals get the suffix that tells them from the spot pair of the same name. */
export function instrumentIdOf(feed: Feed, symbol: string): string {
  const plain = feed.market === 'spot' || feed.market === 'option' || DATED.test(symbol);
  return plain ? `${symbol}@bybit` : `${symbol}-PERP@bybit`;
}
