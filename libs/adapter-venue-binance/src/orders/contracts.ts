import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, OperationalError } from '@evenkeel/kernel';
import { splitInstrumentId } from '@evenkeel/venue-wire';

import { instrumentIdOf } from '../instrument-id';
import { BINANCE_COIN_M, BINANCE_USD_M, type BinanceFeed } from '../parse';

/** One of Binance's futures markets. */
export interface FuturesMarket {
  readonly name: 'USD-M' | 'COIN-M';
  readonly feed: BinanceFeed;
  /** Paths begin with it. */
  readonly api: '/fapi' | '/dapi';
  readonly restUrl: string;
  readonly streamUrl: string;
  readonly testnet: { readonly restUrl: string; readonly streamUrl: string };
  /** What the address of a private stream ends with. */
  streamPath(listenKey: string): string;
  /** The version of what lists balances and positions. */
  readonly accountVersion: 'v1' | 'v3';
}

/** Its private streams moved to an address of their own in 2026; on the one before nothing private is told any more. */
export const USD_M: FuturesMarket = {
  name: 'USD-M',
  feed: BINANCE_USD_M,
  api: '/fapi',
  restUrl: 'https://fapi.binance.com',
  streamUrl: 'wss://fstream.binance.com',
  testnet: { restUrl: 'https://testnet.binancefuture.com', streamUrl: 'wss://fstream.binancefuture.com' },
  streamPath: (listenKey) => `/private/ws?listenKey=${encodeURIComponent(listenKey)}`,
  accountVersion: 'v3',
};
export const COIN_M: FuturesMarket = {
  name: 'COIN-M',
  feed: BINANCE_COIN_M,
  api: '/dapi',
  restUrl: 'https://dapi.binance.com',
  streamUrl: 'wss://dstream.binance.com',
  testnet: { restUrl: 'https://testnet.binancefuture.com', streamUrl: 'wss://dstream.binancefuture.com' },
  streamPath: (listenKey) => `/ws/${encodeURIComponent(listenKey)}`,
  accountVersion: 'v1',
};

/** Where the contracts of an account trade. Throws `EXECUTION.VENUE_NOT_TRADABLE` where they are of both markets or of neither. */
export function marketOf(book: string, specifications: readonly InstrumentSpec[]): FuturesMarket {
  const markets = new Set(specifications.filter(isFuture).map(({ inverse }) => (inverse ? COIN_M : USD_M)));
  const [market, other] = markets;
  if (market !== undefined && other === undefined) return market;
  const what = market === undefined ? 'no future of Binance' : 'futures of both USD-M and COIN-M';
  throw new OperationalError({
    code: 'EXECUTION.VENUE_NOT_TRADABLE',
    message: `book ${book} names ${what}: an account at Binance trades one of the two markets, and nothing else`,
  });
}

const isFuture = ({ kind }: InstrumentSpec): boolean => kind === 'perpetual' || kind === 'future';

export interface BinanceContract {
  readonly id: string;
  readonly symbol: string;
  readonly settlement: string;
  /** What Binance counts for one contract of ours: coins on USD-M, contracts on COIN-M. */
  readonly unit: Decimal;
}

/** The contracts of an account, by our ids; what others trade there counts in Binance's own unit. */
export class BinanceContracts {
  private readonly byId = new Map<string, BinanceContract>();

  constructor(
    private readonly market: FuturesMarket,
    specifications: readonly InstrumentSpec[],
  ) {
    for (const spec of specifications) {
      if (!isFuture(spec) || spec.inverse !== (market.name === 'COIN-M')) continue;
      const unit = spec.inverse ? Decimal.ONE : Decimal.parse(spec.contractSize);
      this.byId.set(spec.id, {
        id: spec.id,
        symbol: symbolOf(spec.id, spec.inverse),
        settlement: spec.settlement,
        unit,
      });
    }
  }

  get all(): readonly BinanceContract[] {
    return [...this.byId.values()];
  }

  get(id: string): BinanceContract | undefined {
    return this.byId.get(id);
  }

  named(symbol: string): BinanceContract {
    const id = instrumentIdOf(this.market.feed, symbol);
    return this.byId.get(id) ?? { id, symbol, settlement: '', unit: Decimal.ONE };
  }

  /** A contract by our id that `named` has given. */
  of(id: string): BinanceContract {
    return this.byId.get(id) ?? this.named(symbolOf(id, this.market.name === 'COIN-M'));
  }
}

/** `BTCUSDT-PERP` is `BTCUSDT`, `BTCUSD-PERP` is `BTCUSD_PERP`, `BTCUSD-260327` is `BTCUSD_260327`. */
export function symbolOf(id: string, inverse: boolean): string {
  const [name] = splitInstrumentId(id);
  return inverse ? name.replace('-', '_') : name.replace(/-PERP$/, '').replace('-', '_');
}
