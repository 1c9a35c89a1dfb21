import { openVenueServer } from '@evenkeel/local-exchange';
import type { SimAccounts, VenueServer, VenueServerOptions } from '@evenkeel/local-exchange';

import { HyperliquidWords, hyperliquidId } from './hyperliquid-words';

/** Hyperliquid's protocol on a local port, with a generated market behind it. An id of ours is taken once. */
export function openHyperliquidSim(options: VenueServerOptions & SimAccounts): Promise<VenueServer> {
  return openVenueServer(
    {
      orderIds: hyperliquidId(70_000_000),
      tradeIds: hyperliquidId(80_000_000),
      repeatedLabel: 'refused',
      ...options,
    },
    (exchange, nowMs) => new HyperliquidWords(exchange, options, nowMs),
  );
}
