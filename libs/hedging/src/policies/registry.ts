import { failure, success, unknownField } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { parseDeltaBand } from './delta-band';
import { parseGammaScalping } from './gamma-scalping';
import { parseHodgesNeuberger } from './hodges-neuberger';
import { parseLeland } from './leland';
import { parseMinimumVariance } from './minimum-variance';
import { parseMultiGreek } from './multi-greek';
import type { Policy } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField } from '../policy/policy-fields';
import { parsePoolPosition } from './pool-position';
import { parseRouting, withSplitRouting } from './split-routing';
import { parseSpotMove } from './spot-move';
import { parseTime } from './time';
import { parseVarianceSwap } from './variance-swap';
import { parseVault } from './vault';
import { parseWhalleyWilmott } from './whalley-wilmott';
import { parseZakamouline } from './zakamouline';

type PolicyParser = (fields: PolicyFields) => Result<Policy>;

/** Every policy there is, by the `kind` that a book file writes. A new policy is a file beside this one and a line here. */
const PARSERS: Readonly<Record<string, PolicyParser>> = {
  'delta-band': parseDeltaBand,
  'multi-greek': parseMultiGreek,
  'gamma-scalping': parseGammaScalping,
  'hodges-neuberger': parseHodgesNeuberger,
  leland: parseLeland,
  'minimum-variance': parseMinimumVariance,
  'pool-position': parsePoolPosition,
  'spot-move': parseSpotMove,
  time: parseTime,
  'variance-swap': parseVarianceSwap,
  vault: (fields) => parseVault(fields, (inner) => parsePolicy(JSON.stringify(inner))),
  'whalley-wilmott': parseWhalleyWilmott,
  zakamouline: parseZakamouline,
};

export const policyKinds: readonly string[] = Object.keys(PARSERS).sort();

/**
 * Reads a policy from its JSON text. Failures name the field: `HEDGING.POLICY_INVALID` for text that is no JSON object or
 * a field out of range or unknown, `HEDGING.POLICY_UNKNOWN` for a kind that does not exist.
 */
export function parsePolicy(json: string): Result<Policy> {
  let written: unknown;
  try {
    written = JSON.parse(json);
  } catch {
    return failure('HEDGING.POLICY_INVALID', 'a policy is a JSON object');
  }
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    return failure('HEDGING.POLICY_INVALID', 'a policy is a JSON object');
  }
  // An object that is no array has string keys and unknown values.
  const fields = written as PolicyFields;
  const { kind } = fields;
  if (kind === undefined && ('policy' in fields || 'fit' in fields)) {
    return failure(
      'HEDGING.POLICY_UNKNOWN',
      'is missing: { policy, fit } is a policy to be fitted, which `keel lab compare` alone runs',
      'kind',
    );
  }
  const parser = typeof kind === 'string' && Object.hasOwn(PARSERS, kind) ? PARSERS[kind] : undefined;
  if (parser === undefined) {
    return failure(
      'HEDGING.POLICY_UNKNOWN',
      unknownField(String(kind), policyKinds, `no policy of kind ${JSON.stringify(kind)}`),
      'kind',
    );
  }
  return routed(parser, fields);
}

/** Every policy may have its trades split over instruments and venues (`routing`); policies themselves know nothing of it. */
function routed(parser: PolicyParser, fields: PolicyFields): Result<Policy> {
  const routing = parseRouting(fields);
  if (!routing.ok) return routing;
  const { routing: _routing, ...own } = fields;
  const policy = parser(own);
  if (!policy.ok || routing.value === undefined) return policy;
  const costs = costsField(own);
  return costs.ok ? success(withSplitRouting(policy.value, routing.value, costs.value)) : costs;
}
