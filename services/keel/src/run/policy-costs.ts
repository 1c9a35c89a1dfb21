import { dirname, resolve } from 'node:path';
import { readNamedText } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';

/**
 * A policy whose `costs` names a cost-model file (`keel tca fit --out`), with the file's contents in its place: what goes on record is
 * the numbers, not where they once lay. The path is relative to the file that the policy stands in. Any other policy as it is.
 */
export function withCostModel(policy: Json, source: string): Json {
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) return policy;
  // JSON that is an object and no list has string keys.
  const fields = policy as Readonly<Record<string, Json>>;
  const { costs, policy: inner } = fields;
  // A vault hedges with a policy of its own.
  const whole = inner === undefined ? inner : withCostModel(inner, source);
  if (inner !== undefined && whole !== undefined && whole !== inner)
    return withCostModel({ ...fields, policy: whole }, source);
  if (typeof costs !== 'string') return policy;
  const path = resolve(dirname(source), costs);
  try {
    return { ...fields, costs: JSON.parse(readNamedText(path)) as Json }; // JSON.parse gives JSON
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
  }
}
