import { Decimal, required } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import type { RuleFactory, RuleTerms } from './hedge-rule';
import { yearsOf } from './interval-years';
import { firstsOfIntervals } from './time-grid';

/** The policies that a simulation can follow. A new one is a line here and a rule beside the others. */
const RULES: Readonly<Record<string, (terms: RuleTerms) => RuleFactory>> = {
  time: timeRule,
  'delta-band': deltaBandRule,
  'whalley-wilmott': whalleyWilmottRule,
};

export const simulatedKinds: readonly string[] = Object.keys(RULES).sort();

/** The rule of a policy that `parseSimulation` accepted. */
export function ruleOf(terms: RuleTerms): RuleFactory {
  const { kind } = terms.policy;
  return required(Object.hasOwn(RULES, kind) ? RULES[kind] : undefined, `a rule for ${kind}`)(terms);
}

function numberOf(terms: RuleTerms, name: string): number {
  const written = terms.policy[name];
  return typeof written === 'number' ? written : Decimal.parse(String(written)).toNumber();
}

function timeRule(terms: RuleTerms): RuleFactory {
  const due = firstsOfIntervals(terms.grid, yearsOf(terms.policy['interval']) ?? terms.config.hedge.watch);
  return () => ({
    decide: ({ step, delta }, held, wanted) => {
      if (due[step] !== true) wanted.set(held);
      else for (let i = 0; i < wanted.length; i += 1) wanted[i] = -(delta[i] ?? 0);
    },
  });
}

function deltaBandRule(terms: RuleTerms): RuleFactory {
  const half = numberOf(terms, 'band');
  const edge = terms.policy['mode'] === 'edge' ? half : 0;
  return () => ({
    decide: ({ count, delta }, held, wanted) => {
      for (let i = 0; i < count; i += 1) {
        const exposure = (delta[i] ?? 0) + (held[i] ?? 0);
        wanted[i] =
          exposure > half
            ? edge - (delta[i] ?? 0)
            : exposure < -half
              ? -edge - (delta[i] ?? 0)
              : (held[i] ?? 0);
      }
    },
  });
}

function whalleyWilmottRule(terms: RuleTerms): RuleFactory {
  const riskAversion = numberOf(terms, 'riskAversion');
  const { proportional } = terms.config.hedge.costs;
  const { r } = terms.config.market;
  return (count) => {
    const half = new Float64Array(count);
    return {
      decide: (view, held, wanted) => {
        const scale = math.cbrt((1.5 * math.exp(-r * view.expiryYears) * proportional) / riskAversion);
        const roots = view.gammaCubeRoot();
        for (let i = 0; i < count; i += 1) half[i] = scale * (roots[i] ?? 0);
        toNearestEdge(view.delta, half, held, wanted);
      },
    };
  };
}

/** Moves a hedge that is outside of −delta ± half to the nearer edge and leaves the others. */
function toNearestEdge(
  delta: Float64Array,
  half: Float64Array,
  held: Float64Array,
  wanted: Float64Array,
): void {
  for (let i = 0; i < wanted.length; i += 1) {
    const centre = -(delta[i] ?? 0);
    const width = half[i] ?? 0;
    const now = held[i] ?? 0;
    wanted[i] = now > centre + width ? centre + width : now < centre - width ? centre - width : now;
  }
}
