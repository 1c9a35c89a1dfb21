import {
  hodgesNeubergerBand,
  solveOptionIndifference,
  whalleyWilmottHalfBand,
  zakamoulineBand,
} from '@evenkeel/hedging';
import type { RuleFactory, RuleTerms } from './hedge-rule';
import { numberOf, toNearestEdge } from './rule-parts';
import type { SimulatedOption } from './simulated-world';

export function whalleyWilmottRule(terms: RuleTerms): RuleFactory {
  const riskAversion = numberOf(terms, 'riskAversion');
  const cost = terms.config.hedge.costs.proportional;
  const rate = terms.config.market.r;
  return (paths) => {
    const half = paths.column();
    return {
      decide: (view, held, wanted) => {
        // The band is proportional to (S Γ²)^{1/3}, which all rules of this kind share.
        const { expiryYears } = view;
        const unit = whalleyWilmottHalfBand({ cost, spot: 1, gamma: 1, riskAversion, rate, expiryYears });
        const roots = view.gammaCubeRoot();
        for (let i = 0; i < half.length; i += 1) half[i] = unit * (roots[i] ?? 0);
        toNearestEdge(view.delta, half, held, wanted);
      },
    };
  };
}

export function zakamoulineRule(terms: RuleTerms): RuleFactory {
  const riskAversion = numberOf(terms, 'riskAversion');
  const { modelVolatility: volatility, costs } = terms.config.hedge;
  const rate = terms.config.market.r;
  return (paths) => {
    const half = paths.column();
    const adjusted = paths.column();
    const delta = paths.column();
    return {
      decide: (view, held, wanted) => {
        const { expiryYears } = view;
        for (let i = 0; i < half.length; i += 1) {
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
        view.pricer.deltaAt(view.time, view.spot, adjusted, delta);
        toNearestEdge(delta, half, held, wanted);
      },
    };
  };
}

export function hodgesNeubergerRule(terms: RuleTerms): RuleFactory {
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
