import { failure, type Result } from '@evenkeel/kernel';

import { parseBinance } from '../binance/parse';
import { parseBybit } from '../bybit/parse';
import { parseDeribit } from '../deribit/parse';
import { parseHyperliquid } from '../hyperliquid/parse';
import { parseOkx } from '../okx/parse';
import { parseCoinbase } from '../spot-sources/coinbase';
import { parseDydx } from '../spot-sources/dydx';
import { parseKraken } from '../spot-sources/kraken';
import type { Feed, VenueEvent } from './venue-event';

/** Longer messages are refused unread: no venue sends them, and a limit on everything keeps a broken peer from filling memory. */
export const MESSAGE_CHARACTERS_MAX = 16 * 1024 * 1024;

/**
 * One message of a feed as normalised events, or a named failure; never throws. `symbol` is what was asked for, where an
 * answer leaves it out (REST books of Binance and OKX).
 */
export function parseFeed(feed: Feed, text: string, symbol?: string): Result<VenueEvent[]> {
  if (text.length > MESSAGE_CHARACTERS_MAX)
    return failure('VENUES.MESSAGE_TOO_LONG', `${text.length} characters`);
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
    case 'coinbase':
      return parseCoinbase(text);
    case 'kraken':
      return parseKraken(text);
    case 'dydx':
      return parseDydx(text);
  }
}
