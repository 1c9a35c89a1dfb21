import { tryParseInstant, unknownField } from '@evenkeel/kernel';
import { kernelHash } from '../kernel-instance';
import type { ArbitrageFinding } from '../smile/arbitrage';
import { fitSabr } from '../smile/sabr-fit';
import type { SabrFit } from '../smile/sabr-fit';
import { sviJumpWingsOfRaw } from '../smile/svi';
import type { SviJumpWings, SviRaw } from '../smile/svi';
import type { FitQuality, QuoteDistance } from '../surface/fit-quality';
import { legVolatilities } from '../surface/leg-volatility';
import type { LegVolatility, SurfaceLeg } from '../surface/leg-volatility';
import { volatilityQuotes } from '../surface/option-quotes';
import type { QuoteUnit } from '../surface/option-quotes';
import { createSurface } from '../surface/surface';
import type { FittedSlice, RefusedExpiry, SliceRepair } from '../surface/surface-fit';
import { fitSurface } from '../surface/surface-fit';
import { PricingError, invalidInput } from '../errors';
import type { ExpiryQuotes } from '../surface/volatility-quotes';
import { caseFileError, isRecord } from './case-file';
import type { ChainDefaults, RowProblem } from './chain-rows';
import { chainsOfRows, optionalNumberOf, requiredNumber } from './chain-rows';
import type { ChainUnit } from './chain-unit';
import type { TableReader } from './table-rows';

/** One fitted expiry as it is written. */
export interface FittedExpiry {
  readonly expiry: string;
  readonly years: number;
  readonly forward: number;
  readonly svi: SviRaw;
  readonly jumpWings: SviJumpWings;
  readonly atTheMoneyVolatility: number;
  readonly repair: SliceRepair;
  /** In half-spreads: of the smile that the quotes alone gave, and of this one. */
  readonly distance: { readonly before: QuoteDistance; readonly after: QuoteDistance };
  /** False where no smile of the model fits the quotes: this one is for looking at, and prices nothing. */
  readonly usable: boolean;
  /** Half of the quotes lie within a half-spread; `remark` says why not. */
  readonly converged: boolean;
  readonly remark?: string;
  readonly quality: FitQuality;
  /** SABR with β held, fitted to the mid volatilities of the same quotes; only where `sabrBeta` asks for it. */
  readonly sabr?: SabrFit | { readonly error: { readonly code: string; readonly message: string } };
}

/** What `keel price fit` writes. */
export interface SurfaceFitReport {
  readonly kernelHash: string;
  /** Of the prices: coin is a share of the forward. */
  readonly unit: ChainUnit;
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
  /** Columns that were there and a fit to bid and ask has no use for. */
  readonly unused: readonly string[];
}

/**
 * The core of `keel price fit`: fits a surface to the quotes of one snapshot. `input` is text of a table with a header, which `readTable`
 * reads, a list of rows, or `{ "unit"?, "discount"?, "at"?, "model"?, "sabrBeta"?, "points"?, "quotes": [row…] | text }`. `unit` is coin
 * (prices are shares of the forward) or quote, stated here or in a column, else as the options' names have it, else coin; `model` svi (the
 * default) or ssvi; `sabrBeta` fits SABR beside it; `points` are `{ "id"?, "strike", "years", "forward"? }` at which the surface is read.
 * `stated` is the unit that somebody gave beside the input. Throws `PRICING.CASE_FILE` when there is nothing like quotes in it, or something
 * that is not read.
 */
export function runSurfaceFit(input: unknown, readTable: TableReader, stated?: QuoteUnit): SurfaceFitReport {
  const { rows, defaults, model, sabrBeta, points } = readInput(input, readTable, stated);
  const { chains, problems, unit, unused, rowsOf } = chainsOfRows(rows, defaults);
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
  const usable = fit.slices.filter((slice) => slice.usable);
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
    unit,
    slices,
    refused: [...refused, ...fit.refused].map((expiry) => ({
      ...expiry,
      message: expiry.message + silenceOf(expiry.expiry, rowsOf, problems, expiries),
    })),
    arbitrage: { before: fit.beforeRepair, after: fit.arbitrage },
    points: readingsOf(usable, points),
    problems,
    unused,
  };
}

/** Read from the smiles that fit. */
function readingsOf(slices: readonly FittedSlice[], points: readonly SurfaceLeg[]): readonly LegVolatility[] {
  if (points.length > 0 && slices.length === 0)
    return points.map(({ id }) => ({
      id,
      ok: false,
      code: 'PRICING.FIT_TOO_FEW_QUOTES',
      message: 'no expiry has a smile that fits its quotes',
    }));
  return points.length === 0 ? [] : legVolatilities(createSurface(slices), points);
}

/** Why an expiry's rows gave no smile: what was wrong with them, by how many, or why their prices say no volatility. */
function silenceOf(
  expiry: string,
  rowsOf: ReadonlyMap<string, number>,
  problems: readonly RowProblem[],
  expiries: readonly ExpiryQuotes[],
): string {
  const wrong = problems.filter((problem) => problem.expiry === expiry);
  const quotes = expiries.find((quoted) => quoted.expiry === expiry)?.quotes ?? [];
  const mute = quotes.filter(
    (quote) => quote.bidVolatility === undefined || quote.askVolatility === undefined,
  );
  const causes = [
    ...(wrong.length === 0
      ? []
      : [
          `${wrong.length} are wrong, the first (row ${(wrong[0]?.row ?? 0) + 1}): ${wrong[0]?.message ?? ''}`,
        ]),
    ...(mute.length === 0
      ? []
      : [`${mute.length} have no bid or no ask that lies between the option's bounds`]),
  ];
  return causes.length === 0 ? '' : `. Of its ${rowsOf.get(expiry) ?? 0} rows ${causes.join(', ')}`;
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

const POINT_FIELDS = ['id', 'strike', 'K', 'years', 'T', 'forward', 'F'];

function pointsOf(value: unknown): SurfaceLeg[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw caseFileError('points', 'is a list of { "strike", "years" }');
  return value.map((point: unknown, index) => {
    if (!isRecord(point)) throw caseFileError(`points[${index}]`, 'is an object');
    try {
      const forward = optionalNumberOf(point, 'forward', 'F');
      const stranger = Object.keys(point).find((name) => !POINT_FIELDS.includes(name));
      if (stranger !== undefined) throw invalidInput(stranger, unknownField(stranger, POINT_FIELDS));
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

const FIELDS = ['quotes', 'unit', 'discount', 'at', 'model', 'sabrBeta', 'points', 'note'];

function readInput(input: unknown, readTable: TableReader, stated: QuoteUnit | undefined): FitInput {
  const table = (text: string): readonly unknown[] => readTable(text).map(({ fields }) => fields);
  const plain = { defaults: stated === undefined ? {} : { unit: stated }, model: 'svi', points: [] } as const;
  if (typeof input === 'string') return { rows: table(input), ...plain };
  if (Array.isArray(input)) return { rows: input, ...plain };
  if (!isRecord(input))
    throw caseFileError('input', 'is the text of a table, a list of rows, or an object with "quotes"');
  const stranger = Object.keys(input).find((name) => !FIELDS.includes(name));
  if (stranger !== undefined) throw caseFileError(stranger, unknownField(stranger, FIELDS));
  const { quotes, at, model } = input;
  const sabrBeta = optionalNumberOf(input, 'sabrBeta');
  const discount = optionalNumberOf(input, 'discount');
  const rows = typeof quotes === 'string' ? table(quotes) : quotes;
  if (!Array.isArray(rows)) throw caseFileError('quotes', 'is a list of rows or the text of a table');
  if (at !== undefined && (typeof at !== 'string' || tryParseInstant(at) === undefined))
    throw caseFileError('at', `is an instant in ISO 8601, not ${JSON.stringify(at)}`);
  const unit = unitOf(input['unit']);
  if (unit !== undefined && stated !== undefined && unit !== stated)
    throw caseFileError('unit', `is ${unit} in the file and ${stated} beside it`);
  return {
    rows,
    model: modelOf(model),
    points: pointsOf(input['points']),
    ...(sabrBeta === undefined ? {} : { sabrBeta }),
    defaults: {
      ...plain.defaults,
      ...(unit === undefined ? {} : { unit }),
      ...(discount === undefined ? {} : { discount }),
      ...(at === undefined ? {} : { at }),
    },
  };
}

/** The unit that a person wrote; undefined where nothing is written. */
export function unitOf(value: unknown): QuoteUnit | undefined {
  if (value === undefined || value === 'coin' || value === 'quote') return value;
  throw caseFileError('unit', `is coin or quote, not ${JSON.stringify(value)}`);
}

function modelOf(value: unknown): 'svi' | 'ssvi' {
  if (value === undefined || value === 'svi') return 'svi';
  if (value === 'ssvi') return 'ssvi';
  throw caseFileError('model', `is svi or ssvi, not ${JSON.stringify(value)}`);
}
