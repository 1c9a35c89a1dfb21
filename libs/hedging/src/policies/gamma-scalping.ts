import type { Candidate, Check, TradeChosen } from '@evenkeel/facts';
import { Decimal, NANOS_PER_HOUR, formatInstant, success } from '@evenkeel/kernel';
import type { Instant, Nanoseconds, Result } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { costsOf } from '../cost-model/cost-model';
import { expectedCost } from '../cost-model/expected-cost';
import { prudent } from '../cost-model/estimate';
import { nextBalance, readBalance, volatilitiesOf } from '../gamma-scalping/balance';
import type { ScalpBalance } from '../gamma-scalping/balance';
import { changeOf, ladderOf, rungIncome } from '../gamma-scalping/ladder';
import type { LadderChange } from '../gamma-scalping/ladder';
import type { HedgeInstrument } from '../hedge-instrument';
import { contractsFor } from '../hedge-instrument';
import { assessmentOf, costChecks, degradedIngredient } from './band';
import {
  chooseInstrument,
  circumstancesOf,
  leaveCandidate,
  linearInstruments,
  numeraireUsdOf,
  residualRisk,
} from './candidates';
import type { Weighing } from './candidates';
import type {
  Ingredients,
  Policy,
  PolicyInput,
  PolicyOutput,
  UnderlyingRefusal,
  UnderlyingView,
} from './policy';
import type { PolicyFields } from './policy-fields';
import {
  costsField,
  durationOr,
  exactlyOne,
  numberWithin,
  onlyFields,
  positiveNumber,
} from './policy-fields';

const DAY_YEARS = 1 / 365;
/** An order within this part of a rung's spacing of where it should be is left alone. */
const TOLERANCE = 0.25;
const PRICE_DIGITS = 8;

export interface GammaScalpingSettings {
  /** Delta between rungs, units of the underlying; or the spacing as a multiple of a day's expected move. */
  readonly step: { readonly rungSize: number } | { readonly spacing: number };
  readonly rungs: number;
  readonly reach: number;
  readonly rest: Nanoseconds;
  /** Beyond so many rungs' delta the policy takes instead of waiting. */
  readonly takeAt: number;
  /** A rung must earn so many times its own cost. */
  readonly margin: number;
  /** Numeraire a UTC day that theta may exceed gamma income by; 0 means no limit. */
  readonly thetaBudget: number;
  readonly costs: CostModel;
}

const FIELDS = ['rungSize', 'spacing', 'rungs', 'reach', 'rest', 'takeAt', 'margin', 'thetaBudget', 'costs'];

/**
 * `{ "kind": "gamma-scalping", "rungSize": "0.05", "rungs": 3, "thetaBudget": "500" }`: for books long of gamma. Keeps a ladder
 * of POST_ONLY orders where the book's delta will have grown by a rung each, so that moves are sold and bought back by others'
 * orders at the maker's fee; takes at once when exposure is beyond `takeAt` rungs all the same. Realised against implied and gamma income
 * against theta are kept and shown.
 */
export function parseGammaScalping(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, FIELDS);
  if (!checked.ok) return checked;
  const which = exactlyOne(fields, ['rungSize', 'spacing']);
  if (!which.ok) return which;
  const step = positiveNumber(fields, which.value);
  if (!step.ok) return step;
  const rungs = numberWithin(fields, 'rungs', 2, 1, 20);
  if (!rungs.ok) return rungs;
  const reach = numberWithin(fields, 'reach', 0.0045, 0.00001, 0.5);
  if (!reach.ok) return reach;
  const rest = durationOr(fields, 'rest', NANOS_PER_HOUR);
  if (!rest.ok) return rest;
  const takeAt = numberWithin(fields, 'takeAt', 1.5, 1, 100);
  if (!takeAt.ok) return takeAt;
  const margin = numberWithin(fields, 'margin', 1, 0, 100);
  if (!margin.ok) return margin;
  const thetaBudget = numberWithin(fields, 'thetaBudget', 0, 0, 1e15);
  if (!thetaBudget.ok) return thetaBudget;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  return success(
    createGammaScalping({
      step: which.value === 'rungSize' ? { rungSize: step.value } : { spacing: step.value },
      rungs: Math.floor(rungs.value),
      reach: reach.value,
      rest: rest.value,
      takeAt: takeAt.value,
      margin: margin.value,
      thetaBudget: thetaBudget.value,
      costs: costs.value,
    }),
  );
}

interface Scalped {
  readonly size: number;
  readonly candidates: readonly Candidate[];
  readonly trades: readonly TradeChosen[];
  readonly withdrawals: readonly string[];
  readonly exposureAfter: number;
  readonly breached: boolean;
  readonly reason: string;
  readonly refusal: string;
}

export function createGammaScalping(settings: GammaScalpingSettings): Policy {
  return {
    kind: 'gamma-scalping',
    evaluate(input) {
      const remember: Record<string, string> = {};
      const parts = input.underlyings.map((view) => {
        const balance = nextBalance(readBalance(input.remembered[view.underlying]), view, input.snapshot.at);
        remember[view.underlying] = JSON.stringify(balance);
        return { view, balance, scalped: scalp(input, view, settings) };
      });
      return { ...outputOf(parts, settings), remember };
    },
  };
}

function outputOf(
  parts: readonly { view: UnderlyingView; balance: ScalpBalance; scalped: Scalped }[],
  settings: GammaScalpingSettings,
): PolicyOutput {
  const refusals: UnderlyingRefusal[] = [];
  const checks: Check[] = [...costChecks(settings.costs)];
  for (const { view, balance, scalped } of parts) {
    const { underlying } = view;
    if (scalped.refusal !== '') refusals.push({ underlying, reason: scalped.refusal });
    if (!(settings.thetaBudget > 0)) continue;
    const spent = -(balance.thetaToday + balance.gammaToday);
    const passed = spent <= settings.thetaBudget;
    checks.push({
      name: `${underlying} theta less gamma income today`,
      limit: Decimal.ofNumber(settings.thetaBudget, 2).toString(),
      observed: Decimal.ofNumber(spent, 2).toString(),
      passed,
    });
    if (!passed) refusals.push({ underlying, reason: 'THETA_BUDGET_SPENT' });
  }
  return {
    assessments: parts.map(({ view, balance, scalped }) =>
      assessmentOf(
        view,
        {
          halfBand: scalped.size * view.bandScale,
          breached: scalped.breached,
          ingredients: ingredientsOf(view, balance, scalped.size),
        },
        scalped.exposureAfter,
      ),
    ),
    candidates: parts.flatMap(({ scalped }) => scalped.candidates),
    trades: parts.flatMap(({ scalped }) => scalped.trades),
    withdrawals: parts.flatMap(({ scalped }) => scalped.withdrawals),
    reasons: [...new Set(parts.map(({ scalped }) => scalped.reason).filter((reason) => reason !== ''))],
    refusals,
    served: [],
    ...(checks.length === 0 ? {} : { checks }),
  };
}

function ingredientsOf(view: UnderlyingView, balance: ScalpBalance, size: number): Ingredients {
  const volatility = volatilitiesOf(balance);
  return [
    { name: 'rung', value: size, unit: view.underlying },
    { name: 'realised volatility', value: volatility.realised, unit: 'per year' },
    { name: 'implied volatility', value: volatility.implied, unit: 'per year' },
    { name: 'gamma income', value: balance.gammaIncome, unit: 'numeraire' },
    { name: 'theta', value: balance.theta, unit: 'numeraire' },
    { name: 'gamma income today', value: balance.gammaToday, unit: 'numeraire' },
    { name: 'theta today', value: balance.thetaToday, unit: 'numeraire' },
    ...degradedIngredient(view),
  ];
}

function scalp(input: PolicyInput, view: UnderlyingView, settings: GammaScalpingSettings): Scalped {
  const weighing: Weighing = { horizonYears: DAY_YEARS, riskAversion: 0, costs: settings.costs };
  const instrument = cheapestMaker(view, settings.costs);
  const size = rungSizeOf(view, settings, instrument);
  const mine = view.resting.map(({ clientOrderId }) => clientOrderId);
  const quiet: Scalped = {
    size,
    candidates: [],
    trades: [],
    withdrawals: [],
    exposureAfter: view.exposure,
    breached: false,
    reason: '',
    refusal: '',
  };
  // An underlying that may not be traded keeps nothing in the market either.
  if (view.refusals.length > 0) return { ...quiet, withdrawals: mine };
  const takeBeyond = settings.takeAt * size * view.bandScale;
  if (Math.abs(view.exposure) > takeBeyond)
    return take(input, view, weighing, { ...quiet, withdrawals: mine });
  if (!(view.gamma > 0)) return { ...quiet, withdrawals: mine, refusal: 'NOT_LONG_GAMMA' };
  // A ladder that was decided and is not yet in the market is neither doubled nor judged.
  if (instrument === undefined || view.restingDecided) return quiet;
  return rest(input, view, settings, instrument, quiet);
}

/** Exposure outran the ladder: everything resting comes back and the whole is traded at once. */
function take(input: PolicyInput, view: UnderlyingView, weighing: Weighing, quiet: Scalped): Scalped {
  const choice = chooseInstrument(input, view, -view.exposure, weighing, 'to the centre');
  return {
    ...quiet,
    candidates: choice.candidates,
    trades: choice.trade === undefined ? [] : [choice.trade],
    exposureAfter: choice.exposureAfter,
    breached: true,
    reason: choice.trade === undefined ? '' : 'BAND_BREACHED',
    refusal: choice.refusal,
  };
}

function rest(
  input: PolicyInput,
  view: UnderlyingView,
  settings: GammaScalpingSettings,
  instrument: HedgeInstrument,
  quiet: Scalped,
): Scalped {
  const { size } = quiet;
  const { spotUsd, gamma, exposure } = view;
  const { rungs, reach } = settings;
  const price = Number(instrument.referencePrice);
  const orders = ladderOf({ spotUsd, gamma, exposure, size, rungs, reach }).flatMap((rung) => {
    const contracts = contractsFor(instrument, rung.delta);
    if (contracts.isZero()) return [];
    const level = (price * rung.spotUsd) / spotUsd;
    // Never at a price that would take: a rung that is due already waits at the near side of the market.
    const limit = rung.delta < 0 ? Math.max(level, instrument.ask) : Math.min(level, instrument.bid);
    return [{ instrument: instrument.id, contracts: contracts.toNumber(), price: limit, exact: contracts }];
  });
  const spacing = ((size / gamma) * price) / spotUsd;
  const change = changeOf(orders, view.resting, TOLERANCE * spacing);
  if (change.place.length === 0 && change.withdraw.length === 0) return quiet;
  const trades = change.place.flatMap((index): TradeChosen[] => {
    const order = orders[index];
    if (order === undefined) return [];
    return [
      {
        instrument: instrument.id,
        quantity: order.exact.toString(),
        referencePrice: instrument.referencePrice,
        delta: order.contracts * instrument.deltaPerContract,
        urgency: 'passive',
        limitPrice: Decimal.ofNumber(order.price, PRICE_DIGITS).toString(),
        restUntil: restUntil(input.now, settings.rest),
      },
    ];
  });
  return {
    ...quiet,
    trades,
    withdrawals: change.withdraw,
    candidates: ladderCandidates(input, view, settings, instrument, trades, change),
    reason: trades.length > 0 ? 'LADDER_PLACED' : 'LADDER_WITHDRAWN',
  };
}

function restUntil(now: Instant, rest: Nanoseconds): string {
  return formatInstant(now + rest);
}

function ladderCandidates(
  input: PolicyInput,
  view: UnderlyingView,
  settings: GammaScalpingSettings,
  instrument: HedgeInstrument,
  trades: readonly TradeChosen[],
  change: LadderChange,
): readonly Candidate[] {
  const weighing: Weighing = { horizonYears: DAY_YEARS, riskAversion: 0, costs: settings.costs };
  const at = { ...circumstancesOf(input, view, instrument, DAY_YEARS), liquidity: 'maker' as const };
  const costs = trades.map(({ quantity }) => expectedCost(settings.costs, instrument, Number(quantity), at));
  const sum = (pick: (cost: (typeof costs)[number]) => number): number =>
    costs.reduce((total, cost) => total + pick(cost), 0);
  const expected = {
    fee: sum(({ fee }) => fee),
    spread: sum(({ spread }) => spread),
    impact: sum(({ impact }) => impact),
    funding: sum(({ funding }) => funding),
    gas: sum(({ gas }) => gas),
    margin: sum(({ margin }) => margin),
    total: sum(({ total }) => total),
  };
  const ladder: Candidate = {
    name: `${view.underlying} ladder of ${trades.length} with ${instrument.id}, ${change.withdraw.length} taken back`,
    trades,
    expectedCost: expected,
    residualRisk: residualRisk(view, view.exposure, DAY_YEARS),
    score: expected.total,
    chosen: true,
    rejected: '',
  };
  const now = chooseInstrument(input, view, -view.exposure, weighing, 'to the centre now');
  const passedOver = now.candidates
    .filter(({ trades: taken }) => taken.length > 0)
    .map((candidate) => ({
      ...candidate,
      chosen: false,
      rejected: 'exposure is within what the ladder serves',
    }));
  return [ladder, ...passedOver, leaveCandidate(view, weighing, false, 'rungs are bare or out of place')];
}

function makerRate(instrument: HedgeInstrument, costs: CostModel): number {
  const fee = costsOf(costs, instrument.id).makerFee;
  return fee === undefined ? instrument.makerFee : prudent(fee, costs.prudence);
}

function cheapestMaker(view: UnderlyingView, costs: CostModel): HedgeInstrument | undefined {
  let best: HedgeInstrument | undefined;
  for (const instrument of linearInstruments(view))
    if (best === undefined || makerRate(instrument, costs) < makerRate(best, costs)) best = instrument;
  return best;
}

/** As asked, but never so small that a move over a rung, which earns ½·size²/Γ, does not pay `margin` × the maker's fee on it. */
function rungSizeOf(
  view: UnderlyingView,
  settings: GammaScalpingSettings,
  instrument: HedgeInstrument | undefined,
): number {
  const { step, margin, costs } = settings;
  const gamma = Math.abs(view.gamma);
  const dayMove = view.spotUsd * view.volatility * Math.sqrt(DAY_YEARS);
  const asked = 'rungSize' in step ? step.rungSize : gamma * dayMove * step.spacing;
  if (instrument === undefined || gamma === 0) return asked;
  const numeraireUsd = numeraireUsdOf(view);
  const feePerUnit = Math.max(0, makerRate(instrument, costs)) * view.spot;
  const incomePerUnitSquared = rungIncome(1, gamma, numeraireUsd);
  return Math.max(asked, (margin * feePerUnit) / incomePerUnitSquared);
}
