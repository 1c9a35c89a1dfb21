import { required, DAY_YEARS } from '@evenkeel/kernel';
import { lelandRule, minimumVarianceRule } from './adjusted-delta-rules';
import { hodgesNeubergerRule, whalleyWilmottRule, zakamoulineRule } from './band-rules';
import type { RuleFactory, RuleTerms } from './hedge-rule';
import { yearsOf } from './interval-years';
import { numberOf, toNearestEdge } from './rule-parts';
import { firstsOfIntervals } from './time-grid';

/** The policies that a simulation can follow. A new one is a line here and a rule beside the others. */
const RULES: Readonly<Record<string, (terms: RuleTerms) => RuleFactory>> = {
  time: timeRule,
  'delta-band': deltaBandRule,
  'hodges-neuberger': hodgesNeubergerRule,
  leland: lelandRule,
  'minimum-variance': minimumVarianceRule,
  'spot-move': spotMoveRule,
  'whalley-wilmott': whalleyWilmottRule,
  zakamouline: zakamoulineRule,
};

export const simulatedKinds: readonly string[] = Object.keys(RULES).sort();

/** The rule of a policy that `parseSimulation` accepted. */
export function ruleOf(terms: RuleTerms): RuleFactory {
  const { kind } = terms.policy;
  return required(Object.hasOwn(RULES, kind) ? RULES[kind] : undefined, `a rule for ${kind}`)(terms);
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
  const edge = terms.policy['mode'] === 'edge';
  const fixed = terms.policy['band'] === undefined ? undefined : numberOf(terms, 'band');
  const perMove = fixed === undefined ? numberOf(terms, 'gammaMovePercent') / 100 : 0;
  return (paths) => {
    const half = paths.column().fill(fixed ?? 0);
    return {
      decide: ({ delta, gamma, spot }, held, wanted) => {
        if (fixed === undefined)
          for (let i = 0; i < half.length; i += 1)
            half[i] = perMove * Math.abs(gamma[i] ?? 0) * (spot[i] ?? 0);
        toNearestEdge(delta, half, held, wanted);
        if (edge) return;
        for (let i = 0; i < half.length; i += 1) if (wanted[i] !== held[i]) wanted[i] = -(delta[i] ?? 0);
      },
    };
  };
}

function spotMoveRule(terms: RuleTerms): RuleFactory {
  const over = yearsOf(terms.policy['over']) ?? DAY_YEARS;
  const least = numberOf(terms, 'multiple') * terms.config.hedge.modelVolatility * Math.sqrt(over);
  return (paths) => {
    // 0 before the first hedge, which is due at once.
    const reference = paths.column();
    return {
      decide: ({ delta, spot }, held, wanted) => {
        for (let i = 0; i < reference.length; i += 1) {
          const price = spot[i] ?? 0;
          const before = reference[i] ?? 0;
          const now = held[i] ?? 0;
          const goal = -(delta[i] ?? 0);
          const moved = before > 0 ? Math.abs(price / before - 1) : Number.POSITIVE_INFINITY;
          wanted[i] = moved >= least ? goal : now;
          if (moved >= least && goal !== now) reference[i] = price;
        }
      },
    };
  };
}
