import type { Candidate, TradeChosen } from '@evenkeel/facts';
import { Decimal, formatInstant, DAY_YEARS } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { costsOf } from '../cost-model/cost-model';
import { prudent } from '../cost-model/estimate';
import { expectedCost } from '../cost-model/expected-cost';
import type { HedgeInstrument } from '../hedge-instrument';
import { contractsFor } from '../hedge-instrument';
import {
  chooseInstrument,
  circumstancesOf,
  leaveCandidate,
  linearInstruments,
  numeraireUsdOf,
  residualRisk,
} from '../policy/candidates';
import type { Weighing } from '../policy/candidates';
import type { PolicyInput, UnderlyingView } from '../policy/policy';
import { changeOf, ladderOf, rungIncome } from './ladder';
import type { LadderChange } from './ladder';

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

/** What became of one underlying. */
export interface Scalped {
  readonly size: number;
  /** Delta of rungs that the market has reached and the venue has not reported. */
  readonly crossed: number;
  readonly candidates: readonly Candidate[];
  readonly trades: readonly TradeChosen[];
  readonly withdrawals: readonly string[];
  readonly exposureAfter: number;
  readonly breached: boolean;
  readonly reason: string;
  readonly refusal: string;
}

/** What one underlying calls for: to take, to move its ladder, or nothing. */
export function scalp(input: PolicyInput, given: UnderlyingView, settings: GammaScalpingSettings): Scalped {
  const weighing: Weighing = { horizonYears: DAY_YEARS, riskAversion: 0, costs: settings.costs };
  const { crossed, standing } = sortResting(given);
  // A move that reached a rung has traded it, though the venue has yet to say so: hedging it again would be doing it twice.
  const view: UnderlyingView = { ...given, exposure: given.exposure + crossed, resting: standing };
  const instrument = cheapestMaker(view, settings.costs);
  const size = rungSizeOf(view, settings, instrument);
  const mine = standing.map(({ clientOrderId }) => clientOrderId);
  const quiet: Scalped = {
    size,
    crossed,
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

/** Resting orders that the market has reached, as the delta they bring, and those that still stand. */
function sortResting(view: UnderlyingView): { crossed: number; standing: UnderlyingView['resting'] } {
  let crossed = 0;
  const standing = view.resting.filter(({ instrument, contracts, limitPrice }) => {
    const priced = view.instruments.find(({ id }) => id === instrument);
    if (priced === undefined) return true;
    const limit = Number(limitPrice);
    const reached = contracts > 0 ? priced.ask <= limit : priced.bid >= limit;
    if (reached) crossed += contracts * priced.deltaPerContract;
    return !reached;
  });
  return { crossed, standing };
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
