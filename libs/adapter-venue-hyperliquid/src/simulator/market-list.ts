import { Decimal } from '@evenkeel/kernel';
import type { SimExchange, SimInstrument } from '@evenkeel/local-exchange';

import { OWN_MARKET, marketOf } from '../orders/contracts';

const BUILDERS_FROM = 100_000;
const BUILDER_SPAN = 10_000;
const COLLATERAL: Readonly<Record<string, number>> = { USDC: 0, USDE: 235, USDH: 360 };

/** The venue's own market and those of builders, with what each lists. */
export class MarketList {
  constructor(private readonly exchange: SimExchange) {}

  get names(): readonly string[] {
    const builders = this.exchange.instruments
      .map(({ name }) => marketOf(name))
      .filter((name) => name !== OWN_MARKET);
    return [OWN_MARKET, ...new Set(builders)];
  }

  of(market: string): readonly SimInstrument[] {
    return this.exchange.instruments.filter(({ name }) => marketOf(name) === market);
  }

  all(): readonly unknown[] {
    return this.names.map((name) => this.meta(name));
  }

  meta(market: string): unknown {
    const listed = this.of(market);
    const universe = listed.map(({ name, amountStep }) => ({
      name,
      szDecimals: placesOf(amountStep),
      maxLeverage: 40,
    }));
    return { universe, collateralToken: COLLATERAL[listed[0]?.settlement ?? 'USDC'] ?? 0 };
  }

  coinOf(asset: number): string | undefined {
    const place = asset < BUILDERS_FROM ? 0 : Math.floor((asset - BUILDERS_FROM) / BUILDER_SPAN);
    const at = place === 0 ? asset : (asset - BUILDERS_FROM) % BUILDER_SPAN;
    const market = this.names[place];
    return market === undefined ? undefined : this.of(market)[at]?.name;
  }
}

const placesOf = (step: string): number => (Decimal.parse(step).toString().split('.')[1] ?? '').length;
