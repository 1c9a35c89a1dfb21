import { contractOf, type Contract } from '@evenkeel/instruments';
import { Decimal, assert } from '@evenkeel/kernel';

/** A contract of the simulated exchange, as it is listed. Decimal strings. */
export interface SimInstrument {
  readonly name: string;
  readonly kind: 'future' | 'option';
  readonly currency: string;
  readonly indexName: string;
  /** Deribit's `settlement_period`: `perpetual`, `week`, … */
  readonly settlementPeriod: string;
  readonly inverse: boolean;
  readonly tickSize: string;
  /** Amounts are multiples of this: USD for inverse futures, coins for options. */
  readonly amountStep: string;
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

const contracts = new WeakMap<SimInstrument, Contract>();

/** A listed contract as our own contract mathematics takes it. */
export function simContractOf(instrument: SimInstrument): Contract {
  const known = contracts.get(instrument);
  if (known !== undefined) return known;
  const { kind, currency, inverse, strike, optionType } = instrument;
  const contract = contractOf({
    id: `${instrument.name}@deribit`,
    kind: kind === 'option' ? 'option' : instrument.settlementPeriod === 'perpetual' ? 'perpetual' : 'future',
    venue: 'deribit',
    underlying: currency,
    quote: kind === 'option' || !inverse ? currency : 'USD',
    settlement: currency,
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
