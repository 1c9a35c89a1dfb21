import type { LegValuation } from '@evenkeel/facts';
import { writeOptionGreeks } from '@evenkeel/instruments';
import type { LegPricer, OptionBatch } from './leg-pricer';
import { createOptionBatch } from './leg-pricer';
import { HELD_NUMBERS, unsigned, writeInDollars, writeInNumeraire } from './valuation';

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

/** What is handed to a pricer: written and read within one call, so that all valuers have one. */
let batch: OptionBatch = createOptionBatch(0);

/** How many numbers a row has: what its inputs give, and the inputs that are numbers. */
export const ROW_NUMBERS = 19;

/**
 * Values sheets of options, all rows of a sheet in one call of the kernel and one loop, into columns that the next sheet
 * uses again: an object per leg and Greek made a leg cost three times as much.
 */
export class OptionValuer {
  /** `ROW_NUMBERS` a row, in the numeraire, in the order of `legNumbersOf`; their bytes are what a snapshot's numbers are hashed by. */
  numbers = new Float64Array(0);
  /** `HELD_NUMBERS` a row, USD. */
  held = new Float64Array(0);
  /** The sheet that the numbers are of. */
  private valued: OptionSheet | undefined;

  constructor(private readonly pricer: LegPricer) {}

  /** Values a sheet, unless its numbers still stand here. Rows that the pricer refuses are NaN. */
  value(sheet: OptionSheet): void {
    if (this.valued === sheet) return;
    const { count } = sheet.terms;
    if (this.numbers.length < count * ROW_NUMBERS) {
      this.numbers = new Float64Array(count * ROW_NUMBERS);
      this.held = new Float64Array(count * HELD_NUMBERS);
    }
    this.valued = sheet;
    if (count === 0) return;
    if (batch.side.length < count) batch = createOptionBatch(count * 2);
    fill(batch, sheet);
    scale(sheet, this.pricer.price(batch, sheet.rate), this.numbers, this.held);
  }

  /** The numbers of all rows of a sheet as bytes, little-endian doubles. Valid until the next sheet. */
  bytes(sheet: OptionSheet): Uint8Array {
    this.value(sheet);
    // As they lie in memory: the kernel itself, WebAssembly, is little-endian.
    return new Uint8Array(this.numbers.buffer, 0, 8 * ROW_NUMBERS * sheet.terms.count);
  }
}

function fill(into: OptionBatch, { terms, quotes, spots, years }: OptionSheet): void {
  const { side, strike, underlying, expiry, count } = terms;
  for (let row = 0; row < count; row += 1) {
    const basis = (quotes.forward[row] ?? 0) / (quotes.spot[row] ?? 0);
    into.side[row] = side[row] ?? 0;
    into.forward[row] = basis * (spots[underlying[row] ?? 0] ?? 0);
    into.strike[row] = strike[row] ?? 0;
    into.volatility[row] = quotes.volatility[row] ?? 0;
    into.years[row] = years[expiry[row] ?? 0] ?? 0;
  }
  into.count = count;
}

/** Rows of a loop, used again. */
const [unit, own] = [new Float64Array(HELD_NUMBERS), new Float64Array(HELD_NUMBERS)];

/** From derivatives of one unit by its forward to those of what is held, in dollars and in the numeraire, and of one contract. */
function scale(
  { terms, quotes, spots, years, numeraire, numeraireUsd }: OptionSheet,
  columns: ReturnType<LegPricer['price']>,
  numbers: Float64Array,
  dollars: Float64Array,
): void {
  const ownPlace = terms.underlyings.indexOf(numeraire);
  for (let row = 0; row < terms.count; row += 1) {
    const place = terms.underlying[row] ?? 0;
    const spotUsd = spots[place] ?? 0;
    const ownCoin = place === ownPlace;
    const coinSettled = terms.coinSettled[row] === 1;
    const size = terms.size[row] ?? 0;
    const contracts = terms.contracts[row] ?? 0;
    const quotedForward = quotes.forward[row] ?? 0;
    const quotedSpot = quotes.spot[row] ?? 0;
    const basis = quotedForward / quotedSpot;
    const forward = basis * spotUsd;
    const value = columns.value[row] ?? 0;
    unit[0] = value;
    unit[1] = columns.delta[row] ?? 0;
    unit[2] = columns.gamma[row] ?? 0;
    unit[3] = columns.vega[row] ?? 0;
    unit[4] = columns.theta[row] ?? 0;
    unit[5] = columns.vanna[row] ?? 0;
    unit[6] = columns.volga[row] ?? 0;
    const held = row * HELD_NUMBERS;
    // Watched, not held: nothing but what one contract would bring (and no negative zeros on the record).
    if (contracts === 0) dollars.fill(0, held, held + HELD_NUMBERS);
    else writeInDollars(dollars, held, unit, contracts * size, coinSettled, basis);
    writeInNumeraire(own, dollars, held, spotUsd, numeraireUsd, ownCoin);
    const at = row * ROW_NUMBERS;
    numbers[at] = own[0] ?? 0;
    numbers[at + 1] = (coinSettled ? value / forward : value) * size;
    numbers[at + 2] = forward;
    numbers[at + 3] = terms.strike[row] ?? 0;
    numbers[at + 4] = quotes.volatility[row] ?? 0;
    numbers[at + 5] = years[terms.expiry[row] ?? 0] ?? 0;
    for (let greek = 1; greek < HELD_NUMBERS; greek += 1) numbers[at + 5 + greek] = own[greek] ?? 0;
    writeOptionGreeks(numbers, at + 12, unit, coinSettled, size, forward, spotUsd, numeraireUsd, ownCoin);
    for (let greek = at + 12; greek < at + 17; greek += 1) numbers[greek] = unsigned(numbers[greek] ?? 0);
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
