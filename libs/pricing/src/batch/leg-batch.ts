import { PricingError, invalidInput } from '../errors';
import { createKernelInstance } from '../kernel-instance';
import type { KernelInstance } from '../kernel-instance';

interface BatchExports {
  legsFirstGreeks(base: number, stride: number, count: number): number;
  legsAllGreeks(base: number, stride: number, count: number): number;
  legsTotals(base: number, stride: number, count: number, outputs: number, out: number): void;
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
  /** Σ quantity × Greek over the first `count` legs that were valued, in leg order, after `valueAll`. */
  totalsAll(count: number): { readonly [Name in LegGreek]: number };
}

const REFUSALS: readonly (readonly [InputColumn, string])[] = [
  ['underlying', 'must be between 1e-280 and 1e280'],
  ['strike', 'must be between 1e-280 and 1e280'],
  ['expiryYears', 'must be finite and at most 1e6'],
  ['volatility', 'must be between 0 and 1e6'],
  ['rate', 'must keep (|rate| + |carry|)·T within 600'],
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
  const block = kernel.allocateDoubles((stride / 8) * names.length + OUTPUTS.length);
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

  return {
    ...columns,
    capacity,
    valueFirst: (count) => legsFirstGreeks(block.address, stride, checked(count)),
    valueAll: (count) => legsAllGreeks(block.address, stride, checked(count)),
    failure: (index) => {
      const reason = REFUSALS[(columns.status[index] ?? 0) - 1];
      if (reason === undefined) return undefined;
      const [name, message] = reason;
      return invalidInput(`legs[${index}].${name}`, `${message}, not ${columns[name][index]}`);
    },
    totalsFirst: (count) => totalsOf(count, FIRST_OUTPUTS),
    totalsAll: (count) => totalsOf(count, OUTPUTS),
  };
}
