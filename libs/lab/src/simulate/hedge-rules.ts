import {
  hodgesNeubergerBand,
  solveOptionIndifference,
  whalleyWilmottHalfBand,
  zakamoulineBand,
} from '@evenkeel/hedging';
import { Decimal, required } from '@evenkeel/kernel';
import type { RuleFactory, RuleTerms } from './hedge-rule';
import type { SimulatedOption } from './simulation-config';
import { yearsOf } from './interval-years';
import { firstsOfIntervals } from './time-grid';

/** The policies that a simulation can follow. A new one is a line here and a rule beside the others. */
const RULES: Readonly<Record<string, (terms: RuleTerms) => RuleFactory>> = {
  time: timeRule,
  'delta-band': deltaBandRule,
  'hodges-neuberger': hodgesNeubergerRule,
  'whalley-wilmott': whalleyWilmottRule,
  zakamouline: zakamoulineRule,
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
  const cost = terms.config.hedge.costs.proportional;
  const rate = terms.config.market.r;
  return (count) => {
    const half = new Float64Array(count);
    return {
      decide: (view, held, wanted) => {
        // The band is proportional to (S Γ²)^{1/3}, which all rules of this kind share.
        const { expiryYears } = view;
        const unit = whalleyWilmottHalfBand({ cost, spot: 1, gamma: 1, riskAversion, rate, expiryYears });
        const roots = view.gammaCubeRoot();
        for (let i = 0; i < count; i += 1) half[i] = unit * (roots[i] ?? 0);
        toNearestEdge(view.delta, half, held, wanted);
      },
    };
  };
}

function zakamoulineRule(terms: RuleTerms): RuleFactory {
  const riskAversion = numberOf(terms, 'riskAversion');
  const { modelVolatility: volatility, costs } = terms.config.hedge;
  const rate = terms.config.market.r;
  return (count) => {
    const half = new Float64Array(count);
    const adjusted = new Float64Array(count * terms.config.positions.length);
    const delta = new Float64Array(count);
    return {
      decide: (view, held, wanted) => {
        const { expiryYears } = view;
        for (let i = 0; i < count; i += 1) {
          const band = zakamoulineBand({
            spot: view.spot[i] ?? 0,
            gamma: view.gamma[i] ?? 0,
            volatility,
            expiryYears,
            cost: costs.proportional,
            riskAversion,
            rate,
          });
          half[i] = band.halfBand;
          adjusted[i] = band.volatility;
        }
        repeatForLegs(adjusted, count);
        view.pricer.deltaAt(view.time, view.spot, adjusted, delta);
        toNearestEdge(delta, half, held, wanted);
      },
    };
  };
}

function hodgesNeubergerRule(terms: RuleTerms): RuleFactory {
  const { positions, hedge, market } = terms.config;
  const [only, ...others] = positions;
  return only !== undefined && others.length === 0 && market.r === market.q
    ? optionIndifferenceRule(terms, only)
    : bookIndifferenceRule(terms, hedge.modelVolatility, market.r);
}

/** One option without carry: its own utility-indifference region, solved once for all paths. */
function optionIndifferenceRule(terms: RuleTerms, { quantity, K, T }: SimulatedOption): RuleFactory {
  const { modelVolatility: volatility, costs } = terms.config.hedge;
  const { bandAt } = solveOptionIndifference({
    quantity,
    strike: K,
    volatility,
    expiryYears: T,
    cost: costs.proportional,
    riskAversion: numberOf(terms, 'riskAversion'),
  });
  return () => ({
    decide: (view, held, wanted) => {
      for (let i = 0; i < view.count; i += 1) {
        const { lower, upper } = bandAt(view.spot[i] ?? 0, T - view.time);
        wanted[i] = broughtInside(held[i] ?? 0, view.delta[i] ?? 0, lower, upper);
      }
    },
  });
}

/** Any book: the region of the at-the-money option that has the book's gamma. */
function bookIndifferenceRule(terms: RuleTerms, volatility: number, rate: number): RuleFactory {
  const riskAversion = numberOf(terms, 'riskAversion');
  const cost = terms.config.hedge.costs.proportional;
  return () => ({
    decide: (view, held, wanted) => {
      const { expiryYears } = view;
      for (let i = 0; i < view.count; i += 1) {
        const { lower, upper } = hodgesNeubergerBand({
          spot: view.spot[i] ?? 0,
          gamma: view.gamma[i] ?? 0,
          volatility,
          expiryYears,
          cost,
          riskAversion,
          rate,
        });
        wanted[i] = broughtInside(held[i] ?? 0, view.delta[i] ?? 0, lower, upper);
      }
    },
  });
}

/** The hedge after a trade to the nearer edge of an exposure region, or as it is inside of it. */
function broughtInside(held: number, delta: number, lower: number, upper: number): number {
  const exposure = held + delta;
  return exposure > upper ? upper - delta : exposure < lower ? lower - delta : held;
}

/** The same volatility for every leg of a path: the first `count` entries again for each leg. */
function repeatForLegs(volatility: Float64Array, count: number): void {
  for (let from = count; from < volatility.length; from += count) volatility.copyWithin(from, 0, count);
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
