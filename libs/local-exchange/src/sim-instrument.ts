import { contractOf, type Contract } from '@evenkeel/instruments';
import { Decimal, assert } from '@evenkeel/kernel';

/** A contract of the simulated exchange, as it is listed. Decimal strings. */
export interface SimInstrument {
  readonly name: string;
  /** The venue in the ids of what trades there. */
  readonly venue: string;
  readonly kind: 'future' | 'option';
  readonly underlying: string;
  readonly quote: string;
  readonly settlement: string;
  /** `perpetual`, `week`, `month`, … */
  readonly settlementPeriod: string;
  readonly inverse: boolean;
  readonly tickSize: string;
  /** Amounts of orders are multiples of this, in the unit in which the venue speaks them: contracts, coins or dollars. */
  readonly amountStep: string;
  /** One contract in that unit. */
  readonly amountPerContract: string;
  readonly contractSize: string;
  readonly initialPrice: string;
  readonly makerFee: string;
  readonly takerFee: string;
  readonly expirationMs?: number;
  readonly strike?: string;
  readonly optionType?: 'call' | 'put';
}

/** Prices as whole ticks and amounts as whole steps, and back. */
export class Grid {
  private readonly tick: Decimal;
  private readonly step: Decimal;

  constructor(instrument: SimInstrument) {
    this.tick = Decimal.parse(instrument.tickSize);
    this.step = Decimal.parse(instrument.amountStep);
    assert(this.tick.isPositive() && this.step.isPositive(), 'tick and amount step are positive');
  }

  /** `undefined` when the price is not on the grid. */
  ticksOf(price: string): number | undefined {
    return wholeOf(price, this.tick);
  }

  lotsOf(amount: string): number | undefined {
    return wholeOf(amount, this.step);
  }

  priceOf(ticks: number): Decimal {
    return this.tick.times(Decimal.ofInteger(ticks));
  }

  amountOf(lots: number): Decimal {
    return this.step.times(Decimal.ofInteger(lots));
  }
}

function wholeOf(text: string, unit: Decimal): number | undefined {
  const value = Decimal.tryParse(text);
  if (value === undefined || !value.isMultipleOf(unit)) return undefined;
  const whole = Number(value.dividedBy(unit, 0, 'down').toString());
  return Number.isSafeInteger(whole) ? whole : undefined;
}

/** Signed contracts of an amount as the venue speaks it. */
export function contractsOf(instrument: SimInstrument, amount: Decimal): Decimal {
  return amount.dividedBy(Decimal.parse(instrument.amountPerContract), 12, 'half-even');
}

const contracts = new WeakMap<SimInstrument, Contract>();

/** A listed contract as our own contract mathematics takes it. */
export function simContractOf(instrument: SimInstrument): Contract {
  const known = contracts.get(instrument);
  if (known !== undefined) return known;
  const { name, venue, kind, underlying, quote, settlement, inverse, strike, optionType } = instrument;
  const contract = contractOf({
    id: `${name}@${venue}`,
    kind: kind === 'option' ? 'option' : instrument.settlementPeriod === 'perpetual' ? 'perpetual' : 'future',
    venue,
    underlying,
    quote,
    settlement,
    inverse,
    contractSize: instrument.contractSize,
    tickSize: instrument.tickSize,
    lotSize: '1',
    minQuantity: '1',
    makerFee: instrument.makerFee,
    takerFee: instrument.takerFee,
    halfSpreadBps: '0',
    ...(strike === undefined ? {} : { strike }),
    ...(optionType === undefined ? {} : { optionType }),
  });
  contracts.set(instrument, contract);
  return contract;
}
