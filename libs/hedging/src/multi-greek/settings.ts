import {
  Decimal,
  failure,
  parseDuration,
  success,
  NANOS_PER_YEAR,
  DAYS_PER_YEAR,
  unknownField,
} from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { parseCostModel } from '../cost-model/cost-model';
import { onlyFields, positiveNumber } from '../policy/policy-fields';
import type { PolicyFields } from '../policy/policy-fields';
import { ASSUMED_KINDS } from './contract-cost';
import type { CostSettings, KindTable, KindTerms } from './contract-cost';
import type { FactorModel } from './factor-risk';

/** Hard limits, in the units that their names say. Absent ones do not bind. */
export interface HedgeLimits {
  /** Units of the underlying, per underlying. */
  readonly delta: number;
  /** Change of delta per 1 % move, units of the underlying, per underlying. */
  readonly gammaPerPercent: number;
  /** Numeraire per vol point, per underlying. */
  readonly vegaPerPoint: number;
  /** Numeraire per vol point within each bucket of expiries, per underlying. */
  readonly bucketVegaPerPoint: number;
  /** Capital of the hedge instruments, numeraire. */
  readonly margin: number;
  /** Contracts held, by instrument. */
  readonly position: Readonly<Record<string, number>>;
  /** Contracts a decision, by instrument. */
  readonly trade: Readonly<Record<string, number>>;
}

export interface MultiGreekSettings {
  readonly riskAversion: number;
  readonly model: FactorModel;
  readonly costs: CostSettings;
  readonly limits: HedgeLimits;
  /** Upper ends of the vega buckets, days, increasing; the last bucket is open. */
  readonly bucketDays: readonly number[];
  /** Numeraire that a trade must gain. */
  readonly minimumGain: number;
}

const INVALID = 'HEDGING.POLICY_INVALID';
const FIELDS = [
  'riskAversion',
  'horizon',
  'model',
  'costs',
  'kinds',
  'capitalRate',
  'limits',
  'vegaBuckets',
  'minimumGain',
] as const;
const MODEL_FIELDS = [
  'volatilityHorizon',
  'kurtosis',
  'volOfVol',
  'tenorPower',
  'tenorDecay',
  'spotVolCorrelation',
  'spotCorrelation',
  'fallbackVolatility',
] as const;
const LIMIT_FIELDS = [
  'delta',
  'gammaPerPercent',
  'vegaPerPoint',
  'bucketVegaPerPoint',
  'margin',
  'position',
  'trade',
] as const;

/** Thrown while reading, turned into the failure at the one place where reading ends. */
class Unreadable extends Error {
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/** Reads the policy's fields; every one but `riskAversion` has a default. Failure `HEDGING.POLICY_INVALID` names the field. */
export function parseMultiGreekSettings(fields: PolicyFields): Result<MultiGreekSettings> {
  const checked = onlyFields(fields, FIELDS);
  if (!checked.ok) return checked;
  const riskAversion = positiveNumber(fields, 'riskAversion');
  if (!riskAversion.ok) return riskAversion;
  try {
    return success(read(fields, riskAversion.value));
  } catch (error) {
    if (error instanceof Unreadable) return failure(INVALID, error.message, error.path);
    throw error;
  }
}

function read(fields: PolicyFields, riskAversion: number): MultiGreekSettings {
  const horizonYears = durationYears(fields['horizon'] ?? 'P1D', 'horizon');
  const model = section(fields, 'model', MODEL_FIELDS);
  const costs = parseCostModel(fields['costs'] ?? {});
  if (!costs.ok) throw new Unreadable(costs.failure.path ?? 'costs', costs.failure.message);
  const limits = section(fields, 'limits', LIMIT_FIELDS);
  return {
    riskAversion,
    model: {
      horizonYears,
      volatilityHorizonYears:
        model['volatilityHorizon'] === undefined
          ? horizonYears
          : durationYears(model['volatilityHorizon'], 'model.volatilityHorizon'),
      kurtosis: number(model, 'model.kurtosis', 3, 1.0001, 1000),
      volOfVol: number(model, 'model.volOfVol', 0.8, 0, 10),
      tenorPower: number(model, 'model.tenorPower', 0.3, 0, 2),
      tenorDecay: number(model, 'model.tenorDecay', 0.3, 0, 100),
      spotVolCorrelation: number(model, 'model.spotVolCorrelation', 0, -0.99, 0.99),
      spotCorrelation: number(model, 'model.spotCorrelation', 0.8, 0, 0.99),
      fallbackVolatility: number(model, 'model.fallbackVolatility', 0.5, 1e-6, 10),
    },
    costs: {
      horizonYears,
      model: costs.value,
      kinds: kindsOf(section(fields, 'kinds', Object.keys(ASSUMED_KINDS))),
      capitalRate: number(fields, 'capitalRate', 0.05, 0, 10),
    },
    limits: {
      delta: number(limits, 'limits.delta', Infinity, 0, Infinity),
      gammaPerPercent: number(limits, 'limits.gammaPerPercent', Infinity, 0, Infinity),
      vegaPerPoint: number(limits, 'limits.vegaPerPoint', Infinity, 0, Infinity),
      bucketVegaPerPoint: number(limits, 'limits.bucketVegaPerPoint', Infinity, 0, Infinity),
      margin: number(limits, 'limits.margin', Infinity, 0, Infinity),
      position: numbers(limits, 'limits.position', 0),
      trade: numbers(limits, 'limits.trade', 0),
    },
    bucketDays: bucketsOf(fields['vegaBuckets'] ?? ['P7D', 'P30D', 'P90D']),
    minimumGain: number(fields, 'minimumGain', 0, 0, Infinity),
  };
}

function section(fields: PolicyFields, name: string, known: readonly string[]): PolicyFields {
  const written = fields[name] ?? {};
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new Unreadable(name, `${name} must be an object`);
  // An object that is no array has string keys and unknown values.
  const inner = written as PolicyFields;
  const stranger = Object.keys(inner).find((key) => !known.includes(key));
  if (stranger !== undefined)
    throw new Unreadable(
      `${name}.${stranger}`,
      unknownField(stranger, known, `${name} has no field "${stranger}"`),
    );
  return inner;
}

function numberOf(written: unknown, path: string, least: number, most: number): number {
  const text = typeof written === 'number' ? String(written) : written;
  const value = typeof text === 'string' ? Decimal.tryParse(text)?.toNumber() : undefined;
  if (value === undefined || value < least || value > most)
    throw new Unreadable(path, `${path} must be a number from ${least} to ${most}`);
  return value;
}

function number(fields: PolicyFields, path: string, absent: number, least: number, most: number): number {
  const written = fields[path.slice(path.lastIndexOf('.') + 1)];
  return written === undefined ? absent : numberOf(written, path, least, most);
}

function numbers(fields: PolicyFields, path: string, least: number): Record<string, number> {
  const written = fields[path.slice(path.lastIndexOf('.') + 1)] ?? {};
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new Unreadable(path, `${path} must be an object of numbers by instrument`);
  return Object.fromEntries(
    Object.entries(written).map(([id, value]) => [id, numberOf(value, `${path}.${id}`, least, Infinity)]),
  );
}

function kindsOf(kinds: PolicyFields): KindTable {
  const kindOf = (kind: keyof KindTable): KindTerms => {
    const assumed = ASSUMED_KINDS[kind];
    const written = section(kinds, kind, ['capitalLong', 'capitalShort', 'fillSeconds']);
    const at = `kinds.${kind}`;
    return {
      capitalLong: number(written, `${at}.capitalLong`, assumed.capitalLong, 0, 10),
      capitalShort: number(written, `${at}.capitalShort`, assumed.capitalShort, 0, 10),
      fillSeconds: number(written, `${at}.fillSeconds`, assumed.fillSeconds, 0, 86_400),
    };
  };
  return {
    perpetual: kindOf('perpetual'),
    future: kindOf('future'),
    spot: kindOf('spot'),
    option: kindOf('option'),
  };
}

function durationYears(written: unknown, path: string): number {
  const problem = `${path} must be a duration such as P1D`;
  if (typeof written !== 'string') throw new Unreadable(path, problem);
  let nanos: bigint;
  try {
    nanos = parseDuration(written);
  } catch {
    throw new Unreadable(path, problem);
  }
  if (nanos <= 0n) throw new Unreadable(path, problem);
  return Number(nanos) / NANOS_PER_YEAR;
}

function bucketsOf(written: unknown): number[] {
  const path = 'vegaBuckets';
  if (!Array.isArray(written)) throw new Unreadable(path, `${path} must be a list of durations`);
  const days = written.map((end, index) => durationYears(end, `${path}[${index}]`) * DAYS_PER_YEAR);
  if (days.some((end, index) => index > 0 && end <= (days[index - 1] ?? 0)))
    throw new Unreadable(path, `${path} must increase`);
  return days;
}
