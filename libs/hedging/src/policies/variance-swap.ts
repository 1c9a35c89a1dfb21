import type { Candidate, TradeChosen } from '@evenkeel/facts';
import { Decimal, failure, success, NANOS_PER_YEAR, DAY_YEARS } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import type { CostModel } from '../cost-model/cost-model';
import { NO_COST, expectedCost } from '../cost-model/expected-cost';
import { varianceUnitsOfVega } from '../variance/variance-units';
import type { RealisedTracker } from '../variance/realised-tracker';
import { observeSpot, startTracker } from '../variance/realised-tracker';
import type { VarianceStrip } from '../variance/strip';
import { expiryOf, stripOptionOf, varianceStrip } from '../variance/strip';
import { cheapestRate, degradedIngredient, judgeEach, numeraireGamma, toTheEdge } from './band';
import { circumstancesOf, residualRisk, tradeOf } from '../policy/candidates';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import {
  costsField,
  durationOr,
  numberWithin,
  oneOf,
  onlyFields,
  positiveNumber,
} from '../policy/policy-fields';

export interface VarianceSwapSettings {
  readonly underlying: string;
  /** As venues write it: `27FEB26`. */
  readonly expiry: string;
  /** Numeraire per vol point. */
  readonly vegaPerPoint: number;
  readonly direction: 'auto' | 'long' | 'short';
  /** Volatility (per 1.00) by which realised must differ from implied before a position is opened, costs apart. */
  readonly edge: number;
  readonly halfLifeYears: number;
  readonly observeYears: number;
  /** Observed at least so long before `auto` opens anything. */
  readonly warmUpYears: number;
  readonly riskAversion: number;
  readonly costs: CostModel;
}

const HOUR_NANOS = 3_600_000_000_000n;
const FIELDS = [
  'underlying',
  'expiry',
  'vegaPerPoint',
  'direction',
  'edge',
  'halfLife',
  'observeEvery',
  'warmUp',
  'riskAversion',
  'costs',
];

/**
 * `{ "kind": "variance-swap", "underlying": "BTC", "expiry": "27FEB26", "vegaPerPoint": "1500", "riskAversion": "0.00002" }`: buys (or
 * sells) the strip of the hedge instruments' options of one expiry that replicates a log contract, so large that it gains `vegaPerPoint` per vol
 * point, when realised volatility stands off the strip's fair volatility by more than `edge` and the cost of the strip; then hedges
 * the book's delta within Whalley & Wilmott's band. What is left is realised against implied variance. Use it to trade
 * volatility itself rather than a strike.
 */
export function parseVarianceSwap(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, FIELDS);
  if (!checked.ok) return checked;
  const { underlying, expiry } = fields;
  if (typeof underlying !== 'string' || underlying === '')
    return failure('HEDGING.POLICY_INVALID', 'underlying must be a coin', 'underlying');
  if (typeof expiry !== 'string' || !/^\d{1,2}[A-Z]{3}\d{2}$/.test(expiry))
    return failure('HEDGING.POLICY_INVALID', 'expiry must be as in 27FEB26', 'expiry');
  const vegaPerPoint = positiveNumber(fields, 'vegaPerPoint');
  if (!vegaPerPoint.ok) return vegaPerPoint;
  const riskAversion = positiveNumber(fields, 'riskAversion');
  if (!riskAversion.ok) return riskAversion;
  const direction = oneOf(fields, 'direction', ['auto', 'long', 'short']);
  if (!direction.ok) return direction;
  const edge = numberWithin(fields, 'edge', 0.02, 0, 5);
  if (!edge.ok) return edge;
  const halfLife = durationOr(fields, 'halfLife', 72n * HOUR_NANOS);
  if (!halfLife.ok) return halfLife;
  const observe = durationOr(fields, 'observeEvery', HOUR_NANOS);
  if (!observe.ok) return observe;
  const warmUp = durationOr(fields, 'warmUp', 72n * HOUR_NANOS);
  if (!warmUp.ok) return warmUp;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  return success(
    createVarianceSwap({
      underlying,
      expiry,
      vegaPerPoint: vegaPerPoint.value,
      direction: direction.value,
      edge: edge.value,
      halfLifeYears: Number(halfLife.value) / NANOS_PER_YEAR,
      observeYears: Number(observe.value) / NANOS_PER_YEAR,
      warmUpYears: Number(warmUp.value) / NANOS_PER_YEAR,
      riskAversion: riskAversion.value,
      costs: costs.value,
    }),
  );
}

export function createVarianceSwap(settings: VarianceSwapSettings): Policy {
  return { kind: 'variance-swap', evaluate: (input) => evaluate(input, settings) };
}

/** What was decided when the swap was opened; the options are bought as their quotes come. */
interface OpenSwap {
  readonly side: 1 | -1;
  readonly strikeVolatility: number;
  readonly units: number;
  readonly targets: Readonly<Record<string, string>>;
}

const SWAP = 'swap';
const TRACK = 'realised';

function evaluate(input: PolicyInput, settings: VarianceSwapSettings): PolicyOutput {
  const view = input.underlyings.find(({ underlying }) => underlying === settings.underlying);
  const tracker = trackerOf(input, view, settings);
  const known = input.remembered[SWAP];
  // Written by this policy.
  let swap = known === undefined ? undefined : (JSON.parse(known) as OpenSwap);
  const output = judgeEach(input, (each) => judged(each, input, settings, tracker, swap));
  const remember: Record<string, string> = { ...input.remembered, [TRACK]: JSON.stringify(tracker) };
  if (view === undefined || view.refusals.length > 0) return { ...output, remember };
  const candidates: Candidate[] = [];
  if (swap === undefined) {
    const weighed = openingOf(input, view, settings, tracker);
    candidates.push(...weighed.candidates);
    swap = weighed.swap;
  }
  const trades = swap === undefined ? [] : missingTrades(input, view, swap);
  if (swap !== undefined) remember[SWAP] = JSON.stringify(swap);
  if (trades.length === 0) return { ...output, remember };
  const opens = known === undefined;
  if (!opens) candidates.push(completion(input, view, trades, settings));
  return {
    ...output,
    assessments: output.assessments.map((assessed) =>
      assessed.underlying === view.underlying
        ? {
            ...assessed,
            breached: true,
            exposureAfter: assessed.exposureAfter + trades.reduce((sum, { delta }) => sum + delta, 0),
          }
        : assessed,
    ),
    candidates: [...candidates, ...output.candidates],
    trades: [...trades, ...output.trades],
    reasons: [opens ? 'VARIANCE_SWAP_OPENED' : 'STRIP_INCOMPLETE', ...output.reasons],
    refusals: output.refusals.filter(({ underlying }) => underlying !== view.underlying),
    remember,
  };
}

function trackerOf(
  input: PolicyInput,
  view: UnderlyingView | undefined,
  settings: VarianceSwapSettings,
): RealisedTracker {
  const at = Number(input.now) / NANOS_PER_YEAR;
  const text = input.remembered[TRACK];
  // Written by this policy.
  const known = text === undefined ? undefined : (JSON.parse(text) as RealisedTracker);
  if (view === undefined || !(view.spotUsd > 0)) return known ?? startTracker(0, at);
  if (known === undefined || !(known.spot > 0)) return startTracker(view.spotUsd, at);
  return observeSpot(known, view.spotUsd, at, settings.observeYears, settings.halfLifeYears);
}

function judged(
  view: UnderlyingView,
  input: PolicyInput,
  settings: VarianceSwapSettings,
  tracker: RealisedTracker,
  swap: OpenSwap | undefined,
) {
  const { riskAversion, costs } = settings;
  const cost = cheapestRate(view, costs);
  const gamma = numeraireGamma(view);
  const { rate } = input.snapshot;
  const band = whalleyWilmottHalfBand({
    cost,
    spot: view.spot,
    gamma,
    riskAversion,
    rate,
    expiryYears: view.expiryYears,
  });
  const own = view.underlying === settings.underlying;
  return toTheEdge(view, band * view.bandScale, {
    ingredients: [
      { name: 'risk aversion', value: riskAversion, unit: '1/numeraire' },
      { name: 'proportional cost', value: cost, unit: 'fraction' },
      ...(own ? [{ name: 'realised volatility', value: Math.sqrt(tracker.variance), unit: '1' }] : []),
      ...(own && swap !== undefined
        ? [
            { name: 'swap strike volatility', value: swap.strikeVolatility, unit: '1' },
            { name: 'variance units', value: swap.side * swap.units, unit: 'numeraire per 1.00 variance' },
          ]
        : []),
      ...degradedIngredient(view),
    ],
    horizonYears: DAY_YEARS,
    riskAversion,
    costs,
  });
}

interface Opening {
  readonly candidates: readonly Candidate[];
  readonly swap: OpenSwap | undefined;
}

/** Weighs both sides of the swap and neither, at what the strip costs now. */
function openingOf(
  input: PolicyInput,
  view: UnderlyingView,
  settings: VarianceSwapSettings,
  tracker: RealisedTracker,
): Opening {
  const options = view.instruments
    .filter(({ kind, id }) => kind === 'option' && expiryOf(id) === settings.expiry)
    .flatMap((instrument) => stripOptionOf(instrument) ?? []);
  const forward =
    input.snapshot.legs.find(({ instrument }) => instrument === options[0]?.instrument.id)?.forward ?? 0;
  const strip = varianceStrip(options, forward);
  const ready = settings.direction !== 'auto' || tracker.observed >= settings.warmUpYears;
  if (strip === undefined || !ready) return { candidates: [], swap: undefined };
  const numeraireUsd = view.spot > 0 ? view.spotUsd / view.spot : 1;
  const { fairVolatility, fairVariance } = strip.replication;
  const vega = settings.vegaPerPoint * 100;
  const units = varianceUnitsOfVega(vega, fairVolatility);
  const sides = ([1, -1] as const).map((side) => {
    const swap = swapOf(strip, side, units * numeraireUsd);
    const trades = missingTrades(input, view, swap);
    const cost = costOf(input, view, trades, settings);
    const expected = side * units * (tracker.variance - fairVariance);
    return { side, swap, trades, cost, gain: expected - cost.total };
  });
  const wanted = sides.find(({ side, gain, trades }) => {
    if (trades.length === 0) return false;
    if (settings.direction !== 'auto') return (settings.direction === 'long' ? 1 : -1) === side;
    const off = side * (Math.sqrt(tracker.variance) - fairVolatility);
    return off > settings.edge && gain > 0;
  });
  const candidates = sides.map((entry): Candidate => {
    const chosen = entry === wanted;
    return {
      name: `${view.underlying} ${entry.side === 1 ? 'long' : 'short'} variance ${settings.expiry}`,
      trades: entry.trades,
      expectedCost: entry.cost,
      residualRisk: residualRisk(view, view.exposure, DAY_YEARS),
      score: -entry.gain,
      chosen,
      rejected: chosen
        ? ''
        : `realised ${percent(Math.sqrt(tracker.variance))} against ${percent(fairVolatility)} implied, costs of the strip included`,
    };
  });
  return { candidates, swap: wanted?.swap };
}

function percent(volatility: number): string {
  return `${(100 * volatility).toFixed(1)} %`;
}

/** Contracts of each option, whole lots: units of variance in USD × weight. A coin-settled option's premium is left to the delta hedge. */
function swapOf(strip: VarianceStrip, side: 1 | -1, unitsUsd: number): OpenSwap {
  const totals = new Map<string, { readonly wanted: number; readonly lot: Decimal }>();
  for (const { option, weight } of strip.legs) {
    const { id, lot } = option.instrument;
    const before = totals.get(id)?.wanted ?? 0;
    totals.set(id, { wanted: before + side * unitsUsd * weight, lot });
  }
  const targets = Object.fromEntries(
    [...totals].map(([id, { wanted, lot }]) => [
      id,
      Decimal.ofNumber(wanted, 12).roundToStep(lot, 'half-even').toString(),
    ]),
  );
  return { side, strikeVolatility: strip.replication.fairVolatility, units: unitsUsd, targets };
}

/** What is still to be bought or sold of the strip: targets less what is held and on its way, of options that can be traded now. */
function missingTrades(input: PolicyInput, view: UnderlyingView, swap: OpenSwap): TradeChosen[] {
  const held = new Map(input.snapshot.legs.map(({ instrument, quantity }) => [instrument, quantity]));
  return view.instruments.flatMap((instrument) => {
    const target = swap.targets[instrument.id];
    if (target === undefined) return [];
    const flying = Decimal.ofNumber(view.inFlightContracts.get(instrument.id) ?? 0, 12);
    const missing = Decimal.parse(target)
      .minus(Decimal.parse(held.get(instrument.id) ?? '0'))
      .minus(flying)
      .roundToStep(instrument.lot, 'down');
    return missing.isZero() || missing.abs().lessThan(instrument.minQuantity)
      ? []
      : [tradeOf(instrument, missing)];
  });
}

function costOf(
  input: PolicyInput,
  view: UnderlyingView,
  trades: readonly TradeChosen[],
  settings: VarianceSwapSettings,
) {
  let sum = NO_COST;
  for (const trade of trades) {
    const instrument = view.instruments.find(({ id }) => id === trade.instrument);
    if (instrument === undefined) continue;
    const at = circumstancesOf(input, view, instrument, DAY_YEARS);
    const cost = expectedCost(settings.costs, instrument, Number(trade.quantity), at);
    sum = {
      fee: sum.fee + cost.fee,
      spread: sum.spread + cost.spread,
      impact: sum.impact + cost.impact,
      funding: sum.funding + cost.funding,
      gas: sum.gas + cost.gas,
      margin: sum.margin + cost.margin,
      total: sum.total + cost.total,
    };
  }
  return sum;
}

function completion(
  input: PolicyInput,
  view: UnderlyingView,
  trades: readonly TradeChosen[],
  settings: VarianceSwapSettings,
): Candidate {
  const cost = costOf(input, view, trades, settings);
  return {
    name: `${view.underlying} complete the strip`,
    trades,
    expectedCost: cost,
    residualRisk: residualRisk(view, view.exposure, DAY_YEARS),
    score: cost.total,
    chosen: true,
    rejected: '',
  };
}
