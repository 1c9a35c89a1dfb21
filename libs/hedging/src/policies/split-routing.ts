import { routeSplit } from '@evenkeel/routing';
import type { Route, RouteCost, Routing, RoutingProblem } from '@evenkeel/routing';
import type { Candidate, ExpectedCost, TradeChosen } from '@evenkeel/facts';
import { failure, required, success, DAYS_PER_YEAR } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { costsOf } from '../cost-model/cost-model';
import type { Estimate } from '../cost-model/estimate';
import { prudent } from '../cost-model/estimate';
import type { HedgeInstrument } from '../hedge-instrument';
import { dailyVolatilityOf, linearInstruments, numeraireUsdOf } from '../policy/candidates';
import { heldContracts } from '../policy/option-legs';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';

/** How a hedge is spread over instruments and venues, `"routing": "split"` or an object with these fields. */
export interface SplitSettings {
  /** Over which funding and basis risk are counted, days. */
  readonly horizonDays: number;
  /** Per numeraire; 0: basis risk costs nothing. */
  readonly riskAversion: number;
  /** Annual volatility of the instrument's price against the underlying, fraction, by instrument; 0 where absent. */
  readonly basisVolatility: Readonly<Record<string, number>>;
  /** Notional that hedges at a venue may come to, USD, by venue; unlimited where absent. */
  readonly venueLimitUsd: Readonly<Record<string, number>>;
  /** Factor on spread and impact where the price is DEGRADED. */
  readonly degradedFactor: number;
}

const INVALID = 'HEDGING.POLICY_INVALID';
const DEFAULTS: SplitSettings = {
  horizonDays: 1,
  riskAversion: 0,
  basisVolatility: {},
  venueLimitUsd: {},
  degradedFactor: 2,
};
/** Leaving a unit of delta open costs this part of its worth: more than any venue charges. */
const RESIDUAL_SHARE = 0.1;

/** Reads `routing` of a policy; undefined where it is absent or `single`. */
export function parseRouting(fields: PolicyFields): Result<SplitSettings | undefined> {
  const written = fields['routing'];
  if (written === undefined || written === 'single') return success(undefined);
  if (written === 'split') return success(DEFAULTS);
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return failure(INVALID, 'routing must be "single", "split" or an object', 'routing');
  const entries = written as Readonly<Record<string, unknown>>; // an object that is no array has string keys
  const stranger = Object.keys(entries).find((name) => !Object.hasOwn(DEFAULTS, name));
  if (stranger !== undefined)
    return failure(
      INVALID,
      `routing has no field "${stranger}"; it has ${Object.keys(DEFAULTS).join(', ')}`,
      `routing.${stranger}`,
    );
  const settings: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(entries)) {
    const least = name === 'degradedFactor' ? 1 : 0;
    const sound =
      typeof DEFAULTS[name as keyof SplitSettings] === 'number' // one of its names, as was just checked
        ? isNumber(value, least) && !(name === 'horizonDays' && value === 0)
        : typeof value === 'object' &&
          value !== null &&
          Object.values(value).every((entry) => isNumber(entry, 0));
    if (!sound)
      return failure(
        INVALID,
        `routing.${name} is not a number of ${least} or more, or a record of them`,
        `routing.${name}`,
      );
    settings[name] = value;
  }
  return success(settings as unknown as SplitSettings); // every field was just read
}

function isNumber(value: unknown, least: number): boolean {
  return typeof value === 'number' && value >= least && value < Infinity;
}

/**
 * A policy whose trades may be carried by several instruments at once: what it chose is the delta to bring, and the split that
 * brings it at the least fee + spread + impact + funding + basis risk is put in its place where it costs less. The split stands
 * on record as a candidate either way, with what each route gets or why it gets nothing.
 */
export function withSplitRouting(policy: Policy, settings: SplitSettings, costs: CostModel): Policy {
  return {
    kind: policy.kind,
    evaluate: (input) => {
      let output = policy.evaluate(input);
      for (const view of input.underlyings) output = spread(input, view, output, settings, costs);
      return output;
    },
  };
}

function spread(
  input: PolicyInput,
  view: UnderlyingView,
  output: PolicyOutput,
  settings: SplitSettings,
  costs: CostModel,
): PolicyOutput {
  const instruments = linearInstruments(view);
  const own = output.trades.filter((trade) => instruments.some(({ id }) => id === trade.instrument));
  const [trade] = own;
  // Ladders and joint hedges have weighed their own division.
  if (trade === undefined || own.length !== 1 || trade.urgency === 'passive' || instruments.length < 2)
    return output;
  const problem = problemOf(input, view, trade.delta, instruments, settings, costs);
  const single = routeSplit({
    ...problem,
    routes: problem.routes.filter(({ instrument }) => instrument === trade.instrument),
  });
  const routing = routeSplit(problem);
  const parts = routing.allocations.filter(({ quantity }) => !quantity.isZero());
  const cheaper =
    parts.length > 0 && routing.objective < single.objective - 1e-9 * Math.abs(single.objective);
  const trades = parts.map(({ route, quantity }) => partOf(route, quantity.toString(), instruments, trade));
  const before = output.candidates.find((candidate) => candidate.chosen && candidate.trades.includes(trade));
  const candidate: Candidate = {
    name: nameOf(view, routing),
    trades,
    expectedCost: expectedCostOf(routing.cost),
    residualRisk: before?.residualRisk ?? 0,
    score: (before?.score ?? 0) + routing.objective - single.objective,
    chosen: cheaper,
    rejected: cheaper ? '' : 'no cheaper than one instrument',
  };
  if (!cheaper) return { ...output, candidates: [...output.candidates, candidate] };
  const brought = trades.reduce((sum, { delta }) => sum + delta, 0);
  return {
    ...output,
    trades: output.trades.flatMap((entry) => (entry === trade ? trades : [entry])),
    candidates: [
      ...output.candidates.map((entry) =>
        entry === before ? { ...entry, chosen: false, rejected: 'dearer than the split' } : entry,
      ),
      candidate,
    ],
    assessments: output.assessments.map((entry) =>
      entry.underlying === view.underlying
        ? { ...entry, exposureAfter: entry.exposureAfter - trade.delta + brought }
        : entry,
    ),
  };
}

function partOf(
  route: Route,
  quantity: string,
  instruments: readonly HedgeInstrument[],
  trade: TradeChosen,
): TradeChosen {
  const instrument = required(
    instruments.find(({ id }) => id === route.instrument),
    `the instrument of route ${route.instrument}`,
  );
  const signed = route.side === 'buy' ? quantity : `-${quantity}`;
  return {
    instrument: route.instrument,
    quantity: signed,
    referencePrice: instrument.referencePrice,
    delta: Number(signed) * instrument.deltaPerContract,
    urgency: trade.urgency,
  };
}

function nameOf(view: UnderlyingView, routing: Routing): string {
  const parts = routing.allocations.map(({ route, quantity, cost, unused }) => {
    if (unused !== '') return `${route.instrument} none: ${unused}`;
    const bps = (10_000 * cost.total) / (quantity.toNumber() * route.notionalPerContract);
    return `${quantity.toString()} ${route.instrument} at ${bps.toFixed(2)} bps`;
  });
  return `${view.underlying} split over ${parts.join(', ')}`;
}

function expectedCostOf({ fee, spread: half, impact, funding, fixed }: RouteCost): ExpectedCost {
  const total = fee + half + impact + funding + fixed;
  return { fee, spread: half, impact, funding, gas: fixed, margin: 0, total };
}

function problemOf(
  input: PolicyInput,
  view: UnderlyingView,
  delta: number,
  instruments: readonly HedgeInstrument[],
  settings: SplitSettings,
  costs: CostModel,
): RoutingProblem {
  const numeraireUsd = numeraireUsdOf(view);
  const routes = instruments.map((instrument) => routeOf(view, instrument, delta, settings, costs));
  const held = new Map<string, number>();
  for (const instrument of instruments) {
    const notional =
      Math.abs(heldContracts(input.snapshot, view, instrument.id)) * instrument.notionalPerContract;
    const venue = venueOf(instrument.id);
    held.set(venue, (held.get(venue) ?? 0) + notional);
  }
  const venueLimits = Object.entries(settings.venueLimitUsd).map(([venue, limit]) => ({
    venue,
    maxNotional: Math.max(0, limit / numeraireUsd - (held.get(venue) ?? 0)),
  }));
  return {
    // A sliver more, so that the trade the policy chose is itself within reach.
    delta: Math.abs(delta) * (1 + 1e-12),
    routes,
    venueLimits,
    residualPenalty: RESIDUAL_SHARE * view.spot,
    riskAversion: settings.riskAversion,
    degradedFactor: settings.degradedFactor,
  };
}

function routeOf(
  view: UnderlyingView,
  instrument: HedgeInstrument,
  delta: number,
  settings: SplitSettings,
  model: CostModel,
): Route {
  const costs = costsOf(model, instrument.id);
  const at = (estimate: Estimate | undefined, absent: number): number =>
    estimate === undefined ? absent : prudent(estimate, model.prudence);
  const notional = instrument.notionalPerContract;
  const volume = (costs.dailyVolume?.value ?? 0) / numeraireUsdOf(view);
  const sigma = dailyVolatilityOf(view);
  const share = volume > 0 ? notional / volume : 0;
  const side = delta * instrument.deltaPerContract > 0 ? 'buy' : 'sell';
  const years = settings.horizonDays / DAYS_PER_YEAR;
  const basis = (settings.basisVolatility[instrument.id] ?? 0) * notional;
  return {
    instrument: instrument.id,
    venue: venueOf(instrument.id),
    side,
    lot: instrument.lot,
    minQuantity: instrument.minQuantity,
    deltaPerContract: Math.abs(instrument.deltaPerContract),
    notionalPerContract: notional,
    feeRate: at(costs.takerFee, instrument.takerFee),
    depth: [{ slippage: at(costs.halfSpread, instrument.halfSpread) * notional, contracts: Infinity }],
    impactCoefficient: at(costs.squareRootImpact, 0) * sigma * notional * Math.sqrt(share),
    linearImpactCoefficient:
      (at(costs.linearImpact, 0) + at(costs.permanentImpact, 0) / 2) * sigma * notional * share,
    fundingPerContract: (side === 'buy' ? 1 : -1) * (costs.fundingRate?.value ?? 0) * years * notional,
    basisVariance: basis * basis * years,
    fixedCost: at(costs.gas, 0),
    health: instrument.status === 'DEGRADED' ? 'DEGRADED' : instrument.status === 'HALTED' ? 'DOWN' : 'UP',
  };
}

function venueOf(instrument: string): string {
  return instrument.slice(instrument.lastIndexOf('@') + 1);
}
