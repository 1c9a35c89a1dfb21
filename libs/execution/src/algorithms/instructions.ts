import { Decimal, failure, parseDuration, success, unknownField } from '@evenkeel/kernel';
import type { Nanoseconds, Result } from '@evenkeel/kernel';

/** How trades of a book are carried out, as a person wrote it under `hedge.execution`. */
export interface ExecutionInstructions {
  /** `auto` lets urgency choose between peg, Almgren–Chriss and TWAP. */
  readonly algorithm: (typeof ALGORITHMS)[number];
  /** Longest time from decision to the last child, without any urgency. */
  readonly horizon: Nanoseconds;
  readonly slices: number;
  /** Scheduled children take liquidity, or rest first and take what is left when their slice ends. */
  readonly style: 'take' | 'passive';
  /** What happens to the rest at the end. */
  readonly atEnd: 'take' | 'leave';
  /** Trades below this notional go out at once, USD. */
  readonly minNotionalUsd: Decimal;
  /** Urgency from which a trade goes out at once, 0 to 1. */
  readonly immediateAbove: number;
  /** Annual volatility where the decision names none, per 1.00. */
  readonly volatility: number;
  /** Contracts per day in this market: the measure of own impact. */
  readonly dailyVolume: number;
  /** Where Almgren–Chriss takes its impact from: the two below, or the market's own spread and daily volume. */
  readonly impact: 'given' | 'spread';
  /** Basis points paid when trading at the rate of one daily volume per day; and moved for good by one daily volume. */
  readonly temporaryImpactBps: number;
  readonly permanentImpactBps: number;
  /** λ of Almgren–Chriss and γ of Avellaneda–Stoikov, per USD. */
  readonly riskAversion: number;
  /** Distance from the middle of the market, basis points, over which fills become e times rarer; Avellaneda–Stoikov only. */
  readonly fillDistanceBps: number | undefined;
  /** Share of the market's volume, without urgency and at most. */
  readonly participation: number;
  readonly participationMax: number;
  /** Weight of each UTC hour; VWAP only. */
  readonly profile: readonly number[];
  /** Contracts shown at a time; iceberg only. */
  readonly display: Decimal | undefined;
  /** A resting child moves when the touch is this many ticks away, at most this often. */
  readonly repriceTicks: number;
  readonly repriceInterval: Nanoseconds;
}

export const ALGORITHMS = [
  'immediate',
  'peg',
  'twap',
  'vwap',
  'pov',
  'almgren-chriss',
  'avellaneda-stoikov',
  'iceberg',
  'auto',
] as const;

const INVALID = 'EXECUTION.INSTRUCTIONS_INVALID';
const HOURS = 24;
const DEFAULTS = {
  horizon: 'PT30M',
  slices: 6,
  minNotionalUsd: '0',
  immediateAbove: 0.9,
  volatility: 0.5,
  dailyVolume: 100_000,
  temporaryImpactBps: 100,
  permanentImpactBps: 10,
  riskAversion: 1e-6,
  participation: 0.05,
  participationMax: 0.25,
  repriceTicks: 1,
  repriceInterval: 'PT15S',
} as const;
const FIELDS = [
  'algorithm',
  'style',
  'atEnd',
  'impact',
  'profile',
  'display',
  'fillDistanceBps',
  ...Object.keys(DEFAULTS),
];

/**
 * Reads `hedge.execution`, parsed or as JSON text. Every field but `algorithm` may be absent. Failure
 * `EXECUTION.INSTRUCTIONS_INVALID` names the field.
 */
export function parseInstructions(input: unknown): Result<ExecutionInstructions> {
  try {
    const written: unknown = typeof input === 'string' ? JSON.parse(input) : input;
    if (typeof written !== 'object' || written === null || Array.isArray(written))
      return failure(INVALID, 'execution instructions are a JSON object');
    return success(read(written as Record<string, unknown>)); // an object that is no array has string keys
  } catch (error) {
    if (error instanceof FieldProblem) return failure(INVALID, error.message, error.field);
    return failure(INVALID, 'execution instructions are a JSON object');
  }
}

class FieldProblem extends Error {
  constructor(
    readonly field: string,
    problem: string,
  ) {
    super(`${field} ${problem}`);
  }
}

type Written = Readonly<Record<string, unknown>>;

function read(written: Written): ExecutionInstructions {
  const stranger = Object.keys(written).find((name) => !FIELDS.includes(name));
  if (stranger !== undefined)
    throw new FieldProblem(stranger, unknownField(stranger, FIELDS, 'is not known'));
  const participation = number(written, 'participation', { least: 1e-6, most: 1 });
  const participationMax = number(written, 'participationMax', { least: 1e-6, most: 1 });
  if (participation > participationMax) throw new FieldProblem('participationMax', 'is below participation');
  const algorithm = oneOf(written, 'algorithm', ALGORITHMS);
  const display = written['display'] === undefined ? undefined : decimal(written, 'display');
  if (algorithm === 'iceberg' && display?.isPositive() !== true)
    throw new FieldProblem('display', 'must be a positive number of contracts for an iceberg');
  const fillDistanceBps =
    written['fillDistanceBps'] === undefined
      ? undefined
      : number(written, 'fillDistanceBps', { least: 1e-3, most: 1e4 });
  if (algorithm === 'avellaneda-stoikov' && fillDistanceBps === undefined)
    throw new FieldProblem('fillDistanceBps', 'must be a number of basis points for quotes');
  return {
    algorithm,
    horizon: duration(written, 'horizon'),
    slices: whole(written, 'slices', 1, 1000),
    style: oneOf(written, 'style', ['take', 'passive'], 'take'),
    atEnd: oneOf(written, 'atEnd', ['take', 'leave'], 'take'),
    minNotionalUsd: decimal(written, 'minNotionalUsd'),
    immediateAbove: number(written, 'immediateAbove', { least: 0, most: 1 }),
    volatility: number(written, 'volatility', { least: 1e-6, most: 100 }),
    dailyVolume: number(written, 'dailyVolume', { least: 1e-9, most: 1e18 }),
    impact: oneOf(written, 'impact', ['given', 'spread'], 'given'),
    temporaryImpactBps: number(written, 'temporaryImpactBps', { least: 1e-9, most: 1e6 }),
    permanentImpactBps: number(written, 'permanentImpactBps', { least: 0, most: 1e6 }),
    riskAversion: number(written, 'riskAversion', { least: 0, most: 1e3 }),
    fillDistanceBps,
    participation,
    participationMax,
    profile: profileOf(written, algorithm),
    display,
    repriceTicks: whole(written, 'repriceTicks', 1, 1_000_000),
    repriceInterval: duration(written, 'repriceInterval'),
  };
}

function valueOf(written: Written, name: string): unknown {
  return written[name] ?? (name in DEFAULTS ? DEFAULTS[name as keyof typeof DEFAULTS] : undefined); // membership was just checked
}

function number(
  written: Written,
  name: string,
  range: { readonly least: number; readonly most: number },
): number {
  const value = valueOf(written, name);
  const text = typeof value === 'number' ? String(value) : value;
  const read = typeof text === 'string' ? Number(text) : NaN;
  if (!(read >= range.least && read <= range.most) || text === '')
    throw new FieldProblem(name, `must be a number from ${range.least} to ${range.most}`);
  return read;
}

function whole(written: Written, name: string, least: number, most: number): number {
  const read = number(written, name, { least, most });
  if (!Number.isInteger(read)) throw new FieldProblem(name, 'must be a whole number');
  return read;
}

function decimal(written: Written, name: string): Decimal {
  const value = valueOf(written, name);
  const text = typeof value === 'number' ? String(value) : value;
  const read = typeof text === 'string' ? Decimal.tryParse(text) : undefined;
  if (read === undefined || read.isNegative())
    throw new FieldProblem(name, 'must be a decimal, not negative');
  return read;
}

function duration(written: Written, name: string): Nanoseconds {
  const value = valueOf(written, name);
  try {
    const read = typeof value === 'string' ? parseDuration(value) : 0n;
    if (read > 0n) return read;
  } catch {
    // Named below like any other text that is no duration.
  }
  throw new FieldProblem(name, 'must be a duration such as PT30M');
}

function oneOf<T extends string>(written: Written, name: string, words: readonly T[], absent?: T): T {
  const value = written[name] ?? absent;
  const found = words.find((word) => word === value);
  if (found === undefined) throw new FieldProblem(name, `must be one of ${words.join(', ')}`);
  return found;
}

function profileOf(written: Written, algorithm: string): readonly number[] {
  const value = written['profile'];
  if (value === undefined) {
    if (algorithm === 'vwap') throw new FieldProblem('profile', 'must give 24 hourly weights for vwap');
    return [];
  }
  const weights = Array.isArray(value)
    ? value.map((entry: unknown) => (typeof entry === 'number' ? entry : NaN))
    : [];
  const sound = weights.length === HOURS && weights.every((weight) => weight >= 0 && weight < Infinity);
  if (!sound || weights.every((weight) => weight === 0))
    throw new FieldProblem('profile', 'must give 24 hourly weights, none negative and not all zero');
  return weights;
}
