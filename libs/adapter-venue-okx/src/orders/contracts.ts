import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { splitInstrumentId, type InstrumentEvent } from '@evenkeel/venue-wire';

/** What OKX files a contract under. Spot is not among them: its fees are taken in coin, which no position of a contract is. */
export type InstType = 'SWAP' | 'FUTURES' | 'OPTION';

const INST_TYPE: Readonly<Record<string, InstType>> = {
  perpetual: 'SWAP',
  future: 'FUTURES',
  option: 'OPTION',
};

export interface OkxContract {
  readonly id: string;
  readonly instId: string;
  readonly instType: InstType;
  /** `BTC-USDT`: what listings are asked for by. */
  readonly family: string;
  readonly settlement: string;
  readonly contractSize: Decimal;
}

/**
 * The contracts of an account, by our ids. OKX counts in contracts of its own: how many of them are one of ours follows from our terms
 * and from the venue's listing, and before that has been read nothing of it is traded.
 */
export class OkxContracts {
  private readonly byId = new Map<string, OkxContract>();
  private readonly units = new Map<string, Decimal>();

  constructor(specifications: readonly InstrumentSpec[]) {
    for (const { id, kind, settlement, contractSize } of specifications) {
      const instType = INST_TYPE[kind];
      if (instType === undefined) continue;
      const [instId] = splitInstrumentId(id);
      const family = instId.split('-').slice(0, 2).join('-');
      const size = Decimal.parse(contractSize);
      this.byId.set(id, { id, instId, instType, family, settlement, contractSize: size });
    }
  }

  get all(): readonly OkxContract[] {
    return [...this.byId.values()];
  }

  get(id: string): OkxContract | undefined {
    return this.byId.get(id);
  }

  /** A contract of the venue is worth ctVal × ctMult. */
  listed({ instrument, contractSize }: InstrumentEvent): void {
    const ours = this.byId.get(instrument);
    if (ours !== undefined)
      this.units.set(instrument, ours.contractSize.dividedBy(Decimal.parse(contractSize), 12));
  }

  /** Contracts of the venue in one of ours; `undefined` before it was listed. */
  unit(id: string): Decimal | undefined {
    return this.units.get(id);
  }

  /** What is not traded here counts as the venue counts. */
  ofVenue(id: string, size: string): Decimal {
    return Decimal.parse(size).dividedBy(this.units.get(id) ?? Decimal.ONE, 12);
  }
}
