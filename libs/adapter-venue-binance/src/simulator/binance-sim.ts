import { required } from '@evenkeel/kernel';
import { openVenueServer } from '@evenkeel/local-exchange';
import type { SimAccounts, VenueServer, VenueServerOptions } from '@evenkeel/local-exchange';

import { BinanceWords } from './binance-words';

export type BinanceSimOptions = VenueServerOptions & SimAccounts;

export interface BinanceSim extends VenueServer {
  /** The words it speaks, with accidents of their own. */
  readonly binance: BinanceWords;
}

/** Binance's futures protocol on a local port, with a generated market behind it. An id of ours is free again once its order is over. */
export async function openBinanceSim(options: BinanceSimOptions): Promise<BinanceSim> {
  const made: BinanceWords[] = [];
  const server = await openVenueServer(
    { orderIds: String, tradeIds: String, repeatedLabel: 'refused-while-open', ...options },
    (exchange, nowMs) => {
      const words = new BinanceWords(exchange, options, nowMs);
      made.push(words);
      return words;
    },
  );
  return Object.assign(server, { binance: required(made[0], 'the words of the server') });
}
