import { openVenueServer } from '@evenkeel/local-exchange';
import type { SimAccounts, VenueServer, VenueServerOptions } from '@evenkeel/local-exchange';

import { BybitWords, bybitId } from './bybit-words';

export type BybitSimOptions = VenueServerOptions & SimAccounts;

/** Bybit's protocol on a local port, with a generated market behind it. An id of ours is taken once. */
export function openBybitSim(options: BybitSimOptions): Promise<VenueServer> {
  return openVenueServer(
    { orderIds: bybitId(1), tradeIds: bybitId(2), repeatedLabel: 'refused', ...options },
    (exchange, nowMs) => new BybitWords(exchange, options, nowMs),
  );
}
