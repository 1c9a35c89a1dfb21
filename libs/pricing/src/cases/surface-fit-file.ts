import { kernelHash } from '../kernel-instance';
import type { ArbitrageFinding } from '../smile/arbitrage';
import { sviJumpWingsOfRaw } from '../smile/svi';
import type { SviJumpWings, SviRaw } from '../smile/svi';
import type { FitQuality } from '../surface/fit-quality';
import { volatilityQuotes } from '../surface/option-quotes';
import type { QuoteUnit } from '../surface/option-quotes';
import type { RefusedExpiry, SliceRepair } from '../surface/surface-fit';
import { fitSurface } from '../surface/surface-fit';
import { PricingError } from '../errors';
import type { ExpiryQuotes } from '../surface/volatility-quotes';
import { caseFileError, isRecord } from './case-file';
import type { ChainDefaults, RowProblem } from './chain-rows';
import { chainsOfRows, rowsOfCsv } from './chain-rows';

/** One fitted expiry as it is written. */
export interface FittedExpiry {
  readonly expiry: string;
  readonly years: number;
  readonly forward: number;
  readonly svi: SviRaw;
  readonly jumpWings: SviJumpWings;
  readonly atTheMoneyVolatility: number;
  readonly repair: SliceRepair;
  readonly converged: boolean;
  readonly quality: FitQuality;
}

/** What `keel price fit` writes. */
export interface SurfaceFitReport {
  readonly kernelHash: string;
  readonly slices: readonly FittedExpiry[];
  readonly refused: readonly RefusedExpiry[];
  readonly arbitrage: {
    /** Of the quotes' own smiles, before repair. */
    readonly before: readonly ArbitrageFinding[];
    /** Of the slices above: empty. */
    readonly after: readonly ArbitrageFinding[];
  };
  /** Rows that could not be read; the rest were fitted. */
  readonly problems: readonly RowProblem[];
}

/**
 * The core of `keel price fit`: fits a surface to the quotes of one snapshot. `input` is CSV text with a header, a list of
 * rows, or `{ "unit"?, "discount"?, "at"?, "model"?, "quotes": [row…] | csv text }`. `unit` is coin (the default: prices are
 * shares of the forward) or quote; `model` svi (the default) or ssvi. Throws `PRICING.CASE_FILE` when there is nothing like quotes in it.
 */
export function runSurfaceFit(input: unknown): SurfaceFitReport {
  const { rows, defaults, model } = readInput(input);
  const { chains, problems } = chainsOfRows(rows, defaults);
  const refused: RefusedExpiry[] = [];
  const expiries: ExpiryQuotes[] = [];
  for (const chain of chains) {
    try {
      expiries.push(volatilityQuotes(chain));
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      refused.push({ expiry: chain.expiry, code: error.code, message: error.message });
    }
  }
  const fit = fitSurface(expiries, { model });
  const slices = fit.slices.map((slice): FittedExpiry => {
    const jumpWings = sviJumpWingsOfRaw(slice.svi, slice.years);
    return { ...slice, jumpWings, atTheMoneyVolatility: Math.sqrt(jumpWings.v) };
  });
  return {
    kernelHash,
    slices,
    refused: [...refused, ...fit.refused],
    arbitrage: { before: fit.beforeRepair, after: fit.arbitrage },
    problems,
  };
}

interface FitInput {
  readonly rows: readonly unknown[];
  readonly defaults: ChainDefaults;
  readonly model: 'svi' | 'ssvi';
}

function readInput(input: unknown): FitInput {
  if (typeof input === 'string') return { rows: rowsOfCsv(input), defaults: { unit: 'coin' }, model: 'svi' };
  if (Array.isArray(input)) return { rows: input, defaults: { unit: 'coin' }, model: 'svi' };
  if (!isRecord(input))
    throw caseFileError('input', 'is CSV text, a list of rows, or an object with "quotes"');
  const { quotes, unit, discount, at, model } = input;
  const rows = typeof quotes === 'string' ? rowsOfCsv(quotes) : quotes;
  if (!Array.isArray(rows)) throw caseFileError('quotes', 'is a list of rows or CSV text');
  return {
    rows,
    model: modelOf(model),
    defaults: {
      unit: unitOf(unit),
      ...(typeof discount === 'number' ? { discount } : {}),
      ...(typeof at === 'string' ? { at } : {}),
    },
  };
}

function unitOf(value: unknown): QuoteUnit {
  if (value === undefined || value === 'coin') return 'coin';
  if (value === 'quote') return 'quote';
  throw caseFileError('unit', `is coin or quote, not ${JSON.stringify(value)}`);
}

function modelOf(value: unknown): 'svi' | 'ssvi' {
  if (value === undefined || value === 'svi') return 'svi';
  if (value === 'ssvi') return 'ssvi';
  throw caseFileError('model', `is svi or ssvi, not ${JSON.stringify(value)}`);
}
