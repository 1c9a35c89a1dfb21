import { parseInstrument, type InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { splitInstrumentId } from '@evenkeel/venue-wire';

import { instrumentIdOf } from '../instrument-id';

/** What Bybit files a contract under. Spot is not among them: its fees are taken in coin, which no position of a contract is. */
export type Category = 'linear' | 'inverse' | 'option';

export interface BybitContract {
  readonly id: string;
  readonly category: Category;
  readonly symbol: string;
  readonly settlement: string;
  /** What Bybit counts for one contract of ours: coins, or USD of an inverse contract. */
  readonly unit: Decimal;
}

/** The contracts of an account, by our ids; what others trade there is read by the grammar of its symbol. */
export class BybitContracts {
  private readonly byId = new Map<string, BybitContract>();

  constructor(specifications: readonly InstrumentSpec[]) {
    for (const { id, kind, inverse, settlement, contractSize } of specifications) {
      if (kind === 'spot') continue;
      const category = kind === 'option' ? 'option' : inverse ? 'inverse' : 'linear';
      this.byId.set(id, {
        id,
        category,
        symbol: symbolOf(id),
        settlement,
        unit: Decimal.parse(contractSize),
      });
    }
  }

  get all(): readonly BybitContract[] {
    return [...this.byId.values()];
  }

  get(id: string): BybitContract | undefined {
    return this.byId.get(id);
  }

  /** A contract as Bybit names it; one that is not traded here counts in Bybit's own unit. */
  named(category: Category, symbol: string): BybitContract {
    const id = instrumentIdOf({ venue: 'bybit', market: category }, symbol);
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const parsed = parseInstrument(id);
    return { id, category, symbol, settlement: parsed.ok ? parsed.value.settlement : '', unit: Decimal.ONE };
  }

  /** A contract by our id that `named` has given. */
  of(id: string): BybitContract {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const parsed = parseInstrument(id);
    const isOption = parsed.ok && parsed.value.kind === 'option';
    const category = isOption ? 'option' : parsed.ok && parsed.value.inverse ? 'inverse' : 'linear';
    return this.named(category, symbolOf(id));
  }
}

export const symbolOf = (id: string): string => splitInstrumentId(id)[0].replace(/-PERP$/, '');
