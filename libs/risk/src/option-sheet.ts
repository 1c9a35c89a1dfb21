import type { LegValuation } from '@evenkeel/facts';
import { optionGreeks } from '@evenkeel/instruments';
import type { LegPricer, OptionBatch } from './leg-pricer';
import { createOptionBatch } from './leg-pricer';
import { heldGreeks, inNumeraire, optionInDollars, unsigned } from './valuation';

/** Options that are held, one column per term: the same in every snapshot until the book changes. */
export interface OptionTerms {
  readonly count: number;
  readonly instruments: readonly string[];
  readonly quantities: readonly string[];
  /** 1 call, −1 put. */
  readonly side: Float64Array;
  /** USD per unit of the underlying. */
  readonly strike: Float64Array;
  /** Units of the underlying per contract. */
  readonly size: Float64Array;
  /** Signed. */
  readonly contracts: Float64Array;
  /** 1 where value is paid in the underlying itself. */
  readonly coinSettled: Uint8Array;
  readonly underlyings: readonly string[];
  /** Places in `underlyings`. */
  readonly underlying: Int32Array;
  /** Places in the times to expiry of a sheet. */
  readonly expiry: Int32Array;
}

/** What options were quoted at: the same in every snapshot until one of them is quoted anew. */
export interface OptionQuotes {
  readonly volatility: Float64Array;
  /** The forward of its expiry, USD. */
  readonly forward: Float64Array;
  /** The underlying's price that the forward belongs to, USD. */
  readonly spot: Float64Array;
}

/** Options as they are valued at one moment: everything that their numbers follow from. */
export interface OptionSheet {
  readonly terms: OptionTerms;
  readonly quotes: OptionQuotes;
  /** ACT/365, by place. */
  readonly years: Float64Array;
  /** Composite spots of `terms.underlyings`, USD. */
  readonly spots: Float64Array;
  readonly numeraire: string;
  /** USD per unit of the numeraire. */
  readonly numeraireUsd: number;
  /** Continuous discount rate per year. */
  readonly rate: number;
}

/** How many numbers a row has: what its inputs give, and the inputs that are numbers. */
export const ROW_NUMBERS = 19;
/** How many numbers a row has in dollars: value, delta, gamma, vega, theta, vanna and volga of what is held. */
export const HELD_NUMBERS = 7;

/**
 * Values sheets of options, all rows of a sheet in one call of the kernel and one loop, into columns that the next sheet
 * uses again: an object per leg and Greek made a leg cost three times as much.
 */
export class OptionValuer {
  /** `ROW_NUMBERS` a row, in the numeraire, in the order of `legNumbersOf`; their bytes are what a snapshot's numbers are hashed by. */
  numbers = new Float64Array(0);
  /** `HELD_NUMBERS` a row, USD. */
  held = new Float64Array(0);
  private batch: OptionBatch = createOptionBatch(0);
  /** The sheet that the numbers are of. */
  private valued: OptionSheet | undefined;

  constructor(private readonly pricer: LegPricer) {}

  /** Values a sheet, unless its numbers still stand here. Rows that the pricer refuses are NaN. */
  value(sheet: OptionSheet): void {
    if (this.valued === sheet) return;
    const { count } = sheet.terms;
    if (this.batch.side.length < count) {
      const capacity = Math.ceil(count * 1.25);
      this.batch = createOptionBatch(capacity);
      this.numbers = new Float64Array(capacity * ROW_NUMBERS);
      this.held = new Float64Array(capacity * HELD_NUMBERS);
    }
    this.valued = sheet;
    if (count === 0) return;
    fill(this.batch, sheet);
    scale(sheet, this.pricer.price(this.batch, sheet.rate), this.numbers, this.held);
  }

  /** The numbers of all rows of a sheet as bytes, little-endian doubles. Valid until the next sheet. */
  bytes(sheet: OptionSheet): Uint8Array {
    this.value(sheet);
    // As they lie in memory: the kernel itself, WebAssembly, is little-endian.
    return new Uint8Array(this.numbers.buffer, 0, 8 * ROW_NUMBERS * sheet.terms.count);
  }
}

function fill(batch: OptionBatch, { terms, quotes, spots, years }: OptionSheet): void {
  const { side, strike, underlying, expiry, count } = terms;
  for (let row = 0; row < count; row += 1) {
    const basis = (quotes.forward[row] ?? 0) / (quotes.spot[row] ?? 0);
    batch.side[row] = side[row] ?? 0;
    batch.forward[row] = basis * (spots[underlying[row] ?? 0] ?? 0);
    batch.strike[row] = strike[row] ?? 0;
    batch.volatility[row] = quotes.volatility[row] ?? 0;
    batch.years[row] = years[expiry[row] ?? 0] ?? 0;
  }
  batch.count = count;
}

const NOT_HELD = { value: 0, delta: 0, gamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0 };

/** From derivatives of one unit by its forward to those of what is held, in dollars and in the numeraire, and of one contract. */
function scale(
  { terms, quotes, spots, years, numeraire, numeraireUsd }: OptionSheet,
  columns: ReturnType<LegPricer['price']>,
  numbers: Float64Array,
  dollars: Float64Array,
): void {
  const ownPlace = terms.underlyings.indexOf(numeraire);
  const market = { spotUsd: Number.NaN, numeraireUsd, ownCoin: false };
  const contract = { coinSettled: false, sizeNumber: Number.NaN };
  const [unit, ofHeld, ofOwn] = [heldGreeks(), heldGreeks(), heldGreeks()];
  const ofOne = {
    delta: Number.NaN,
    gamma: Number.NaN,
    vega: Number.NaN,
    theta: Number.NaN,
    vanna: Number.NaN,
  };
  for (let row = 0; row < terms.count; row += 1) {
    const place = terms.underlying[row] ?? 0;
    const spotUsd = spots[place] ?? 0;
    market.spotUsd = spotUsd;
    market.ownCoin = place === ownPlace;
    contract.coinSettled = terms.coinSettled[row] === 1;
    contract.sizeNumber = terms.size[row] ?? 0;
    const contracts = terms.contracts[row] ?? 0;
    const quotedForward = quotes.forward[row] ?? 0;
    const quotedSpot = quotes.spot[row] ?? 0;
    const basis = quotedForward / quotedSpot;
    const forward = basis * spotUsd;
    unit.value = columns.value[row] ?? 0;
    unit.delta = columns.delta[row] ?? 0;
    unit.gamma = columns.gamma[row] ?? 0;
    unit.vega = columns.vega[row] ?? 0;
    unit.theta = columns.theta[row] ?? 0;
    unit.vanna = columns.vanna[row] ?? 0;
    unit.volga = columns.volga[row] ?? 0;
    // Watched, not held: nothing but what one contract would bring (and no negative zeros on the record).
    const held = contracts === 0 ? NOT_HELD : optionInDollars(contract, contracts, basis, unit, ofHeld);
    const one = optionGreeks(contract, unit, forward, market, ofOne);
    const own = inNumeraire(held, market, ofOwn);
    let at = row * HELD_NUMBERS;
    dollars[at] = held.value;
    dollars[at + 1] = held.delta;
    dollars[at + 2] = held.gamma;
    dollars[at + 3] = held.vega;
    dollars[at + 4] = held.theta;
    dollars[at + 5] = held.vanna;
    dollars[at + 6] = held.volga;
    at = row * ROW_NUMBERS;
    numbers[at] = own.value;
    numbers[at + 1] = (contract.coinSettled ? unit.value / forward : unit.value) * contract.sizeNumber;
    numbers[at + 2] = forward;
    numbers[at + 3] = terms.strike[row] ?? 0;
    numbers[at + 4] = quotes.volatility[row] ?? 0;
    numbers[at + 5] = years[terms.expiry[row] ?? 0] ?? 0;
    numbers[at + 6] = own.delta;
    numbers[at + 7] = own.gamma;
    numbers[at + 8] = own.vega;
    numbers[at + 9] = own.theta;
    numbers[at + 10] = own.vanna;
    numbers[at + 11] = own.volga;
    numbers[at + 12] = unsigned(one.delta);
    numbers[at + 13] = unsigned(one.gamma);
    numbers[at + 14] = unsigned(one.vega);
    numbers[at + 15] = unsigned(one.theta);
    numbers[at + 16] = unsigned(one.vanna);
    numbers[at + 17] = quotedForward;
    numbers[at + 18] = quotedSpot;
  }
}

/** The numbers of a leg that is on the record, in the order of a row. */
export function legNumbersOf(leg: LegValuation): readonly (number | undefined)[] {
  const { perContract, inputs } = leg;
  return [
    leg.value,
    leg.unitValue,
    leg.forward,
    leg.strike,
    leg.volatility,
    leg.expiryYears,
    leg.delta,
    leg.gamma,
    leg.vega,
    leg.theta,
    leg.vanna,
    leg.volga,
    perContract?.delta,
    perContract?.gamma,
    perContract?.vega,
    perContract?.theta,
    perContract?.vanna,
    inputs?.quotedForward,
    inputs?.quotedSpot,
  ];
}

/** The leg of a row as the record shows it, from the numbers that an `OptionValuer` gave. */
export function legOf(
  { terms }: OptionSheet,
  numbers: Float64Array,
  row: number,
  volatilityTime: string,
): LegValuation {
  const from = row * ROW_NUMBERS;
  const number = (which: number): number => numbers[from + which] ?? Number.NaN;
  return {
    instrument: terms.instruments[row] ?? '',
    quantity: terms.quantities[row] ?? '',
    kind: 'option',
    underlying: terms.underlyings[terms.underlying[row] ?? 0] ?? '',
    value: number(0),
    unitValue: number(1),
    forward: number(2),
    strike: number(3),
    volatility: number(4),
    volatilityTime,
    expiryYears: number(5),
    delta: number(6),
    gamma: number(7),
    vega: number(8),
    theta: number(9),
    vanna: number(10),
    volga: number(11),
    perContract: {
      delta: number(12),
      gamma: number(13),
      vega: number(14),
      theta: number(15),
      vanna: number(16),
    },
    inputs: {
      optionType: (terms.side[row] ?? 0) > 0 ? 'call' : 'put',
      contractSize: terms.size[row] ?? 0,
      coinSettled: terms.coinSettled[row] === 1,
      quotedForward: number(17),
      quotedSpot: number(18),
    },
  };
}
