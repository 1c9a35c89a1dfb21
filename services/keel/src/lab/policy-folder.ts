import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readNamedText } from '@evenkeel/config';
import { parsePolicy } from '@evenkeel/hedging';
import { InvalidInputError, canonicalJson } from '@evenkeel/kernel';
import type { InputProblem, Json } from '@evenkeel/kernel';
import { variantsOf } from '@evenkeel/lab';
import type { FittedPolicy } from '@evenkeel/lab';
import { withCostModel } from '../run/policy-costs';

/** A policy of a comparison: one to run as it is, or one with fields to be fitted on the past. */
export interface PolicyEntry {
  readonly name: string;
  /** The first is run before anything has been learnt. */
  readonly variants: readonly Json[];
  readonly fitted: boolean;
}

/**
 * Reads every `*.json` of a folder: a policy as a book file writes it, or `{ "policy": {…}, "fit": { "band": ["0.02", "0.05"] } }`.
 * Throws `InvalidInputError` naming the file and the field.
 */
export function readPolicies(folder: string): PolicyEntry[] {
  const files = listFiles(folder);
  if (files.length === 0)
    throw new InvalidInputError(folder, [{ path: '(folder)', message: 'holds no *.json policy' }]);
  return files.map((file) => entryOf(join(folder, file)));
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .sort();
  } catch {
    throw new InvalidInputError(folder, [{ path: '(folder)', message: 'cannot be read as a folder' }]);
  }
}

function entryOf(path: string): PolicyEntry {
  const written = parseJson(path);
  const name = basename(path, '.json');
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not a JSON object' }]);
  const fields = written as Readonly<Record<string, Json>>;
  const entry = isFitted(fields)
    ? { name, variants: gridOf(fields, path).map((policy) => withCostModel(policy, path)), fitted: true }
    : { name, variants: [withCostModel(written, path)], fitted: false };
  const problems = entry.variants.flatMap((policy): InputProblem[] => {
    const parsed = parsePolicy(canonicalJson(policy));
    if (parsed.ok) return [];
    return [{ path: parsed.failure.path ?? '(file)', message: parsed.failure.message }];
  });
  if (problems.length > 0) throw new InvalidInputError(path, problems);
  return entry;
}

function isFitted(fields: Readonly<Record<string, Json>>): boolean {
  return !('kind' in fields) && ('policy' in fields || 'fit' in fields);
}

function gridOf(fields: Readonly<Record<string, Json>>, path: string): Json[] {
  const { policy, fit } = fields;
  const isRecord = (value: Json | undefined): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const problems: InputProblem[] = [];
  if (!isRecord(policy)) problems.push({ path: 'policy', message: 'must be a policy object' });
  if (!isRecord(fit)) problems.push({ path: 'fit', message: 'must name fields and the values to try' });
  else
    for (const [field, values] of Object.entries(fit as Readonly<Record<string, Json>>))
      if (!Array.isArray(values) || values.length === 0)
        problems.push({ path: `fit.${field}`, message: 'must be a list of values to try' });
  if (problems.length > 0) throw new InvalidInputError(path, problems);
  try {
    return variantsOf({ policy, fit } as unknown as FittedPolicy); // its shape was just checked
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidInputError(path, [{ path: 'fit', message: error.message }]);
  }
}

function parseJson(path: string): Json {
  try {
    return JSON.parse(readNamedText(path)) as Json; // JSON.parse gives JSON
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
  }
}
