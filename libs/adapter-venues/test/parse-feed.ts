import type { Result } from '@evenkeel/kernel';

import { parseBinance } from '@evenkeel/adapter-venue-binance';
import { parseBybit } from '@evenkeel/adapter-venue-bybit';
import { parseDeribit } from '@evenkeel/adapter-venue-deribit';
import { parseHyperliquid } from '@evenkeel/adapter-venue-hyperliquid';
import { parseOkx } from '@evenkeel/adapter-venue-okx';
import type { Feed, VenueEvent } from '@evenkeel/venue-wire';

/**
 * One message of a feed as normalised events, or a named failure; never throws. `symbol` is what was asked for, where an
 * answer leaves it out (REST books of Binance and OKX).
 */
export function parseFeed(feed: Feed, text: string, symbol?: string): Result<VenueEvent[]> {
  switch (feed.venue) {
    case 'deribit':
      return parseDeribit(text);
    case 'binance':
      return parseBinance(
        text,
        { venue: 'binance', market: feed.market },
        symbol === undefined ? {} : { symbol },
      );
    case 'bybit':
      return parseBybit(text, { venue: 'bybit', market: feed.market });
    case 'okx':
      return parseOkx(text, symbol === undefined ? {} : { instrument: symbol });
    case 'hyperliquid':
      return parseHyperliquid(text);
    default:
      throw new Error(`no parser of ${feed.venue}`);
  }
}
