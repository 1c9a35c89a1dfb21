import { openVenueServer } from '@evenkeel/local-exchange';
import type { SimAccounts, VenueServer, VenueServerOptions } from '@evenkeel/local-exchange';

import { OkxWords, okxId } from './okx-words';

export type OkxSimOptions = VenueServerOptions & SimAccounts;

/** OKX's protocol on a local port, with a generated market behind it. An id of ours is taken once. */
export function openOkxSim(options: OkxSimOptions): Promise<VenueServer> {
  return openVenueServer(
    { orderIds: okxId(1), tradeIds: okxId(2), repeatedLabel: 'refused', ...options },
    (exchange, nowMs) => new OkxWords(exchange, options, nowMs),
  );
}
