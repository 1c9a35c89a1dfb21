import { Decimal, failure, parseDuration, success, unknownField } from '@evenkeel/kernel';
import type { Nanoseconds, Result } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS, parseCostModel } from '../cost-model/cost-model';

/** A policy as a person wrote it: a JSON object. */
export type PolicyFields = Readonly<Record<string, unknown>>;

const INVALID = 'HEDGING.POLICY_INVALID';

/** Refuses fields that the policy does not have, naming the first. */
export function onlyFields(fields: PolicyFields, known: readonly string[]): Result<PolicyFields> {
  const stranger = Object.keys(fields).find((name) => name !== 'kind' && !known.includes(name));
  if (stranger === undefined) return success(fields);
  return failure(
    INVALID,
    unknownField(stranger, known, `${String(fields['kind'])} has no field "${stranger}"`),
    stranger,
  );
}

/** A positive decimal, written as a string or a number. */
export function positiveNumber(fields: PolicyFields, name: string): Result<number> {
  const written = fields[name];
  const text = typeof written === 'number' ? String(written) : written;
  const value = typeof text === 'string' ? Decimal.tryParse(text) : undefined;
  if (value === undefined || !value.isPositive())
    return failure(INVALID, `${name} must be a positive number`, name);
  return success(value.toNumber());
}

/** ISO 8601 or short duration, longer than zero. */
export function positiveDuration(fields: PolicyFields, name: string): Result<Nanoseconds> {
  const written = fields[name];
  const problem = `${name} must be a duration such as PT1H`;
  if (typeof written !== 'string') return failure(INVALID, problem, name);
  try {
    const duration = parseDuration(written);
    return duration > 0n ? success(duration) : failure(INVALID, problem, name);
  } catch {
    return failure(INVALID, problem, name);
  }
}

/** One of a few words; the first is meant where the field is absent. */
export function oneOf<T extends string>(
  fields: PolicyFields,
  name: string,
  words: readonly [T, ...T[]],
): Result<T> {
  const written = fields[name];
  if (written === undefined) return success(words[0]);
  const found = words.find((word) => word === written);
  return found === undefined
    ? failure(INVALID, `${name} must be one of ${words.join(', ')}`, name)
    : success(found);
}

/** The cost model of a policy; without one, terms and quotes alone. */
export function costsField(fields: PolicyFields): Result<CostModel> {
  return fields['costs'] === undefined ? success(PLAIN_COSTS) : parseCostModel(fields['costs']);
}

/** A number within bounds, written as a string or a number; the default where absent. */
export function numberWithin(
  fields: PolicyFields,
  name: string,
  absent: number,
  least: number,
  most: number,
): Result<number> {
  const written = fields[name];
  if (written === undefined) return success(absent);
  const text = typeof written === 'number' ? String(written) : written;
  const value = typeof text === 'string' ? Decimal.tryParse(text)?.toNumber() : undefined;
  return value === undefined || value < least || value > most
    ? failure(INVALID, `${name} must be a number from ${least} to ${most}`, name)
    : success(value);
}

/** A positive duration; the default where absent. */
export function durationOr(fields: PolicyFields, name: string, absent: Nanoseconds): Result<Nanoseconds> {
  return fields[name] === undefined ? success(absent) : positiveDuration(fields, name);
}

/** Exactly one of several fields is written: its name. */
export function exactlyOne<T extends string>(fields: PolicyFields, names: readonly T[]): Result<T> {
  const written = names.filter((name) => fields[name] !== undefined);
  const [only] = written;
  return only === undefined || written.length > 1
    ? failure(INVALID, `write exactly one of ${names.join(', ')}`, names[0] ?? '')
    : success(only);
}

/** What the bands of expected utility are asked for: `riskAversion` per unit of the numeraire, and costs. */
export interface UtilityTerms {
  readonly riskAversion: number;
  readonly costs: CostModel;
}

/** The fields of a policy that knows nothing but a risk aversion and costs. */
export function utilityTerms(fields: PolicyFields): Result<UtilityTerms> {
  const checked = onlyFields(fields, ['riskAversion', 'costs']);
  if (!checked.ok) return checked;
  const riskAversion = positiveNumber(fields, 'riskAversion');
  if (!riskAversion.ok) return riskAversion;
  const costs = costsField(fields);
  return costs.ok ? success({ riskAversion: riskAversion.value, costs: costs.value }) : costs;
}
