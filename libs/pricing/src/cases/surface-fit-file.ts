import { kernelHash } from '../kernel-instance';
import type { ArbitrageFinding } from '../smile/arbitrage';
import { fitSabr } from '../smile/sabr-fit';
import type { SabrFit } from '../smile/sabr-fit';
import { sviJumpWingsOfRaw } from '../smile/svi';
import type { SviJumpWings, SviRaw } from '../smile/svi';
import type { FitQuality } from '../surface/fit-quality';
import { legVolatilities } from '../surface/leg-volatility';
import type { LegVolatility, SurfaceLeg } from '../surface/leg-volatility';
import { volatilityQuotes } from '../surface/option-quotes';
import type { QuoteUnit } from '../surface/option-quotes';
import { createSurface } from '../surface/surface';
import type { RefusedExpiry, SliceRepair } from '../surface/surface-fit';
import { fitSurface } from '../surface/surface-fit';
import { PricingError } from '../errors';
import type { ExpiryQuotes } from '../surface/volatility-quotes';
import { caseFileError, isRecord } from './case-file';
import type { ChainDefaults, RowProblem } from './chain-rows';
import { chainsOfRows, optionalNumberOf, requiredNumber, rowsOfCsv } from './chain-rows';

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
  /** SABR with β held, fitted to the mid volatilities of the same quotes; only where `sabrBeta` asks for it. */
  readonly sabr?: SabrFit | { readonly error: { readonly code: string; readonly message: string } };
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
  /** The smile at each point asked for, in order, or why it has none. */
  readonly points: readonly LegVolatility[];
  /** Rows that could not be read; the rest were fitted. */
  readonly problems: readonly RowProblem[];
}

/**
 * The core of `keel price fit`: fits a surface to the quotes of one snapshot. `input` is CSV text with a header, a list of
 * rows, or `{ "unit"?, "discount"?, "at"?, "model"?, "sabrBeta"?, "points"?, "quotes": [row…] | csv text }`. `unit` is coin (the
 * default: prices are shares of the forward) or quote; `model` svi (the default) or ssvi; `sabrBeta` fits SABR beside it;
 * `points` are `{ "id"?, "strike", "years", "forward"? }` at which the surface is read. Throws `PRICING.CASE_FILE` when there is nothing like quotes in it.
 */
export function runSurfaceFit(input: unknown): SurfaceFitReport {
  const { rows, defaults, model, sabrBeta, points } = readInput(input);
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
    const quotes = expiries.find(({ expiry }) => expiry === slice.expiry);
    return {
      ...slice,
      jumpWings,
      atTheMoneyVolatility: Math.sqrt(jumpWings.v),
      ...(sabrBeta === undefined || quotes === undefined ? {} : { sabr: sabrOf(quotes, sabrBeta) }),
    };
  });
  return {
    kernelHash,
    slices,
    refused: [...refused, ...fit.refused],
    arbitrage: { before: fit.beforeRepair, after: fit.arbitrage },
    points: points.length === 0 ? [] : legVolatilities(createSurface(slices), points),
    problems,
  };
}

interface FitInput {
  readonly rows: readonly unknown[];
  readonly defaults: ChainDefaults;
  readonly model: 'svi' | 'ssvi';
  readonly sabrBeta?: number;
  readonly points: readonly SurfaceLeg[];
}

/** SABR on the mids of the two-sided quotes. */
function sabrOf(expiry: ExpiryQuotes, beta: number): NonNullable<FittedExpiry['sabr']> {
  const quotes = expiry.quotes.flatMap(({ strike, bidVolatility, askVolatility }) =>
    bidVolatility === undefined || askVolatility === undefined
      ? []
      : [{ strike, volatility: (bidVolatility + askVolatility) / 2 }],
  );
  try {
    return fitSabr({ forward: expiry.forward, years: expiry.years, quotes, beta });
  } catch (error) {
    if (!(error instanceof PricingError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

function pointsOf(value: unknown): SurfaceLeg[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw caseFileError('points', 'is a list of { "strike", "years" }');
  return value.map((point: unknown, index) => {
    if (!isRecord(point)) throw caseFileError(`points[${index}]`, 'is an object');
    try {
      const forward = optionalNumberOf(point, 'forward', 'F');
      return {
        id: typeof point['id'] === 'string' ? point['id'] : `#${index + 1}`,
        strike: requiredNumber(point, 'strike', 'K'),
        years: requiredNumber(point, 'years', 'T'),
        ...(forward === undefined ? {} : { forward }),
      };
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      throw caseFileError(`points[${index}].${error.path ?? ''}`, error.message);
    }
  });
}

function readInput(input: unknown): FitInput {
  const plain = { defaults: { unit: 'coin' }, model: 'svi', points: [] } as const;
  if (typeof input === 'string') return { rows: rowsOfCsv(input), ...plain };
  if (Array.isArray(input)) return { rows: input, ...plain };
  if (!isRecord(input))
    throw caseFileError('input', 'is CSV text, a list of rows, or an object with "quotes"');
  const { quotes, unit, discount, at, model } = input;
  const sabrBeta = optionalNumberOf(input, 'sabrBeta');
  const rows = typeof quotes === 'string' ? rowsOfCsv(quotes) : quotes;
  if (!Array.isArray(rows)) throw caseFileError('quotes', 'is a list of rows or CSV text');
  return {
    rows,
    model: modelOf(model),
    points: pointsOf(input['points']),
    ...(sabrBeta === undefined ? {} : { sabrBeta }),
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
