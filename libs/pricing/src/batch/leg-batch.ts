import { PricingError, invalidInput } from '../errors';
import { createKernelInstance } from '../kernel-instance';
import type { KernelInstance } from '../kernel-instance';

interface BatchExports {
  legsFirstGreeks(base: number, stride: number, count: number): number;
  legsAllGreeks(base: number, stride: number, count: number): number;
  legsTotals(base: number, stride: number, count: number, outputs: number, out: number): void;
  legsImplied(base: number, stride: number, count: number, inCoin: number): number;
  legsGrid(
    base: number,
    stride: number,
    count: number,
    spots: number,
    spotCount: number,
    vols: number,
    volCount: number,
    elapsed: number,
    cells: number,
  ): number;
}

/** Input columns, in the order of assembly/black/batch.ts. */
const INPUTS = [
  'isCall',
  'underlying',
  'strike',
  'expiryYears',
  'volatility',
  'rate',
  'carry',
  'quantity',
  'price',
  'status',
] as const;
const FIRST_OUTPUTS = ['value', 'delta', 'gamma', 'vega', 'theta'] as const;
/** Output columns, in the order of assembly/black/greeks.ts. */
const OUTPUTS = [
  ...FIRST_OUTPUTS,
  'rho',
  'dividendRho',
  'vanna',
  'volga',
  'charm',
  'speed',
  'zomma',
  'colour',
  'veta',
  'ultima',
  'dualDelta',
  'dualGamma',
  'valueCoin',
  'deltaCoin',
  'netTransactionDelta',
  'gammaCoin',
  'vegaCoin',
  'thetaCoin',
  'rhoCoin',
  'vannaCoin',
  'volgaCoin',
] as const;

type InputColumn = (typeof INPUTS)[number];
export type LegGreek = (typeof OUTPUTS)[number];
type Columns = { readonly [Name in InputColumn | LegGreek]: Float64Array };

/**
 * Legs of a book as columns of doubles in WebAssembly memory. Write the input columns, call `valueFirst` or `valueAll`,
 * read the output columns: nothing is allocated per leg and the views stay valid for the batch's life.
 *
 * Inputs: `isCall` 1 or 0; `underlying` (a forward with `carry` 0, or a spot with `carry` r - q); `strike`; `expiryYears`
 * (zero or less is expiry); `volatility`; `rate`; `quantity` (signed, only used by `totals`). All start at 0.
 * Outputs are per unit of the leg, not times quantity, in the units of `Valuation`. `rho` holds the spot and the yield constant;
 * at a constant forward use `rho + dividendRho`. The `…Coin` columns are those of `InverseValuation`.
 */
export interface LegBatch extends Columns {
  readonly capacity: number;
  /** Value, delta, gamma, vega and theta of the first `count` legs; returns how many were refused. Their outputs are NaN. */
  valueFirst(count: number): number;
  /** Every Greek, coin Greeks included, of the first `count` legs; returns how many were refused. Their outputs are NaN. */
  valueAll(count: number): number;
  /** Why leg `index` was refused in the last valuation, or `undefined` where it was valued. */
  failure(index: number): PricingError | undefined;
  /** Σ quantity × Greek over the first `count` legs that were valued, in leg order, after `valueFirst`. */
  totalsFirst(count: number): { readonly [Name in (typeof FIRST_OUTPUTS)[number]]: number };
  /**
   * Implied volatilities of the first `count` legs from their `price` column, in the quote currency or, for coin-settled legs,
   * in coin; written to `volatility`. Returns how many were refused: their volatility is NaN and `failure` says why.
   */
  impliedVolatilities(count: number, priceIn?: 'quote' | 'coin'): number;
  /** Book totals over a grid of scenarios, the first `count` legs revalued in every cell. */
  scenarioGrid(count: number, scenarios: GridScenarios): ScenarioGrid;
  /** Σ quantity × Greek over the first `count` legs that were valued, in leg order, after `valueAll`. */
  totalsAll(count: number): { readonly [Name in LegGreek]: number };
}

/** What to revalue a batch at: every spot shock with every volatility scenario. */
export interface GridScenarios {
  /** Relative shocks of the underlying, above -1: 0.05 is 5 % up. */
  readonly spotShocks: readonly number[];
  /** Volatility becomes volatility × `factor` + `shift`, at least 0. Absent parts are 1 and 0. */
  readonly volScenarios: readonly { readonly factor?: number; readonly shift?: number }[];
  /** Years that pass before the revaluation; a leg that expires meanwhile is valued at expiry. 0 where absent. */
  readonly elapsedYears?: number;
}

/** Totals over legs of quantity × value, spot-major: cell (s, v) is at index s × (number of volatility scenarios) + v. */
export interface ScenarioGrid {
  /** In the quote currency. */
  readonly value: Float64Array;
  /** Each leg's value divided by its own shifted underlying: coin totals, for batches of coin-settled legs of one coin. */
  readonly valueCoin: Float64Array;
  /** Legs left out because an input of theirs is out of range; `failure` says why. */
  readonly refused: number;
}

/** Most cells of one grid. */
const GRID_CELLS = 4096;

const REFUSALS: readonly (readonly [InputColumn, string])[] = [
  ['underlying', 'must be between 1e-60 and 1e60'],
  ['strike', 'must be between 1e-60 and 1e60'],
  ['expiryYears', 'must be finite'],
  ['volatility', 'must be 0 or more and finite'],
  ['rate', 'must keep (|rate| + |carry|)·T within 600'],
  ['price', 'must be 0 or more'],
  ['price', 'is below the intrinsic value'],
  ['price', 'is not below the bound of the option'],
];
const REFUSAL_CODES: readonly string[] = [
  ...Array.from({ length: 6 }, () => 'PRICING.INVALID_INPUT'),
  'PRICING.BELOW_INTRINSIC',
  'PRICING.ABOVE_BOUND',
];

/**
 * A batch for up to `capacity` legs (at most 4,000,000) with WebAssembly memory of its own: about 280 bytes per leg.
 * @throws PricingError `PRICING.INVALID_INPUT` for a capacity out of range.
 */
export function createLegBatch(capacity: number): LegBatch {
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > 4_000_000) {
    throw invalidInput('capacity', `must be a whole number from 1 to 4000000, not ${capacity}`);
  }
  const padded = capacity + (capacity % 2);
  const kernel: KernelInstance<BatchExports> = createKernelInstance<BatchExports>();
  const names = [...INPUTS, ...OUTPUTS];
  // Odd numbers of cache lines between columns, so that the columns of one leg do not share a cache set.
  const stride = Math.ceil((padded * 8) / 64 + 1) * 64 + ((Math.ceil((padded * 8) / 64 + 1) + 1) % 2) * 64;
  const block = kernel.allocateDoubles((stride / 8) * names.length + OUTPUTS.length + GRID_CELLS * 7);
  const memory = block.view();
  const columns = Object.fromEntries(
    names.map((name, index) => [
      name,
      memory.subarray((index * stride) / 8, (index * stride) / 8 + capacity),
    ]),
  ) as unknown as Columns; // one entry per name of both lists, which is what Columns is
  const totals = memory.subarray((stride / 8) * names.length);
  const totalsAddress = block.address + stride * names.length;
  const { legsFirstGreeks, legsAllGreeks, legsTotals } = kernel.exports;

  const checked = (count: number): number => {
    if (!Number.isInteger(count) || count < 0 || count > capacity) {
      throw invalidInput('count', `must be a whole number from 0 to ${capacity}, not ${count}`);
    }
    return count;
  };
  const totalsOf = <Name extends LegGreek>(
    count: number,
    wanted: readonly Name[],
  ): { readonly [N in Name]: number } => {
    legsTotals(block.address, stride, checked(count), wanted.length, totalsAddress);
    // `wanted` is a prefix of OUTPUTS, so entry i is the total of wanted[i].
    return Object.fromEntries(wanted.map((name, i) => [name, totals[i]])) as { readonly [N in Name]: number };
  };

  const gridOf = (
    count: number,
    { spotShocks, volScenarios, elapsedYears = 0 }: GridScenarios,
  ): ScenarioGrid => {
    const cellCount = checkedGrid(spotShocks, volScenarios, elapsedYears);
    const work = memory.subarray((stride / 8) * names.length + OUTPUTS.length);
    work.set(spotShocks, 0);
    const vols = volScenarios.flatMap(({ factor = 1, shift = 0 }) => [factor, shift]);
    work.set(vols, GRID_CELLS);
    const address = totalsAddress + OUTPUTS.length * 8;
    const refused = kernel.exports.legsGrid(
      block.address,
      stride,
      count,
      address,
      spotShocks.length,
      address + GRID_CELLS * 8,
      volScenarios.length,
      elapsedYears,
      address + GRID_CELLS * 24,
    );
    const value = new Float64Array(cellCount);
    const valueCoin = new Float64Array(cellCount);
    for (let cell = 0; cell < cellCount; cell += 1) {
      const at = GRID_CELLS * 3 + cell * 4;
      value[cell] = (work[at] ?? 0) + (work[at + 1] ?? 0);
      valueCoin[cell] = (work[at + 2] ?? 0) + (work[at + 3] ?? 0);
    }
    return { value, valueCoin, refused };
  };

  return {
    ...columns,
    capacity,
    valueFirst: (count) => legsFirstGreeks(block.address, stride, checked(count)),
    valueAll: (count) => legsAllGreeks(block.address, stride, checked(count)),
    failure: (index) => {
      const reason = REFUSALS[(columns.status[index] ?? 0) - 1];
      if (reason === undefined) return undefined;
      const [name, message] = reason;
      const path = `legs[${index}].${name}`;
      const code = REFUSAL_CODES[(columns.status[index] ?? 0) - 1] ?? 'PRICING.INVALID_INPUT';
      return new PricingError({ code, message: `${path} ${message}: ${columns[name][index]}`, path });
    },
    impliedVolatilities: (count, priceIn = 'quote') =>
      kernel.exports.legsImplied(block.address, stride, checked(count), priceIn === 'coin' ? 1 : 0),
    scenarioGrid: (count, scenarios) => gridOf(checked(count), scenarios),
    totalsFirst: (count) => totalsOf(count, FIRST_OUTPUTS),
    totalsAll: (count) => totalsOf(count, OUTPUTS),
  };
}

function checkedGrid(
  spotShocks: readonly number[],
  volScenarios: GridScenarios['volScenarios'],
  elapsedYears: number,
): number {
  const cells = spotShocks.length * volScenarios.length;
  if (cells < 1 || cells > GRID_CELLS)
    throw invalidInput('scenarios', `must make 1 to ${GRID_CELLS} cells, not ${cells}`);
  spotShocks.forEach((shock, i) => {
    if (!(shock > -1 && shock < 1e6))
      throw invalidInput(`spotShocks[${i}]`, `must be above -1, not ${shock}`);
  });
  volScenarios.forEach(({ factor = 1, shift = 0 }, i) => {
    if (!(factor >= 0 && factor < 1e6))
      throw invalidInput(`volScenarios[${i}].factor`, `must be 0 or more, not ${factor}`);
    if (!Number.isFinite(shift))
      throw invalidInput(`volScenarios[${i}].shift`, `must be finite, not ${shift}`);
  });
  if (!(elapsedYears >= 0 && elapsedYears < 1e6)) {
    throw invalidInput('elapsedYears', `must be 0 or more, not ${elapsedYears}`);
  }
  return cells;
}
