import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { DAYS_PER_YEAR, DAY_YEARS } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import type { HedgeInstrument } from '../hedge-instrument';
import type { UnderlyingView } from '../policy/policy';

// Taken once: these are the hot loops.
const { abs, max, round, sqrt } = Math;

/** How prices and volatilities may move until the horizon. All parameters are the desk's. */
export interface FactorModel {
  /** ACT/365 years. */
  readonly horizonYears: number;
  /** For volatilities: hedges of vega are held longer than hedges of delta. */
  readonly volatilityHorizonYears: number;
  /** E[r⁴] ÷ E[r²]² of the underlying's return over the horizon; 3 for a normal one. More than 1. */
  readonly kurtosis: number;
  /** Standard deviation of relative changes of a 30-day volatility, per √year: 0.8 is 80 %. */
  readonly volOfVol: number;
  /** A volatility of d days moves (30/d)^power times as much as one of 30 days; d is at least 1. */
  readonly tenorPower: number;
  /** Volatilities of tenors a and b correlate e^{−decay·|ln a/b|} apart from what spot drives. */
  readonly tenorDecay: number;
  /** Correlation of spot with volatility. */
  readonly spotVolCorrelation: number;
  /** Correlation of the underlyings' spots. */
  readonly spotCorrelation: number;
  /** Per 1.00, for a book that has no option to take it from. */
  readonly fallbackVolatility: number;
}

export interface Factor {
  readonly underlying: string;
  readonly kind: 'spot' | 'gamma' | 'volatility';
  /** Of a volatility. */
  readonly expiryYears: number;
}

/**
 * P&L until the horizon as a sum of standardised factors: z (spot), (z² − 1)/√(κ − 1) (curvature), and one relative change
 * of volatility per expiry. An exposure or loading is numeraire per standard deviation of each factor, so that the variance
 * of residual r is rᵀRr with the factors' correlation R.
 */
export interface FactorRisk {
  readonly factors: readonly Factor[];
  readonly correlation: readonly (readonly number[])[];
  /** What the book carries, contracts in flight included, target taken off. */
  readonly exposure: readonly number[];
  /** What one contract bought adds. */
  loading(instrument: HedgeInstrument): readonly number[];
}

const MINUTES_PER_YEAR = 365 * 1440;
const REFERENCE_DAYS = 30;

/** The minute of expiry from now: what makes two options share a volatility. */
function tenorKey(years: number): number {
  return round(years * MINUTES_PER_YEAR);
}

export function factorRiskOf(
  views: readonly UnderlyingView[],
  snapshot: RiskSnapshotTaken,
  model: FactorModel,
): FactorRisk {
  const factors: Factor[] = [];
  const places = new Map<string, number>();
  const add = (factor: Factor): void => {
    const key = placeKey(factor.underlying, factor.kind, factor.expiryYears);
    if (places.has(key)) return;
    places.set(key, factors.length);
    factors.push(factor);
  };
  for (const { underlying, instruments } of views) {
    add({ underlying, kind: 'spot', expiryYears: 0 });
    add({ underlying, kind: 'gamma', expiryYears: 0 });
    for (const leg of snapshot.legs)
      if (leg.underlying === underlying && leg.kind === 'option')
        add({ underlying, kind: 'volatility', expiryYears: leg.expiryYears });
    for (const { kind, expiryYears } of instruments)
      if (kind === 'option') add({ underlying, kind: 'volatility', expiryYears });
  }
  const scales = new Map(views.map((view) => [view.underlying, moveScales(view, model)]));
  const place = (underlying: string, kind: Factor['kind'], years: number): number =>
    places.get(placeKey(underlying, kind, years)) ?? -1;
  const fill = (into: number[], underlying: string, greeks: Greeks): void => {
    const scale = scales.get(underlying);
    if (scale === undefined) return;
    bump(into, place(underlying, 'spot', 0), greeks.delta * scale.perDelta);
    bump(into, place(underlying, 'gamma', 0), greeks.gamma * scale.perGamma);
    if (greeks.vega !== 0)
      bump(
        into,
        place(underlying, 'volatility', greeks.expiryYears),
        greeks.vega * volatilityMove(greeks.volatility, greeks.expiryYears, model),
      );
  };
  const loading = (instrument: HedgeInstrument): number[] => {
    const into = new Array<number>(factors.length).fill(0);
    fill(into, instrument.underlying, greeksOf(instrument));
    return into;
  };
  const exposure = new Array<number>(factors.length).fill(0);
  for (const view of views) {
    const { underlying } = view;
    const none = { vega: 0, volatility: 0, expiryYears: 0 };
    fill(exposure, underlying, { delta: view.exposure, gamma: view.gamma, ...none });
    for (const leg of snapshot.legs)
      if (leg.underlying === underlying && leg.kind === 'option')
        fill(exposure, underlying, { ...leg, delta: 0, gamma: 0 });
    for (const instrument of view.instruments) {
      const contracts = view.inFlightContracts.get(instrument.id) ?? 0;
      // Their delta is in the view's exposure already.
      const one = { ...greeksOf(instrument), delta: 0 };
      fill(exposure, underlying, { ...one, gamma: contracts * one.gamma, vega: contracts * one.vega });
    }
  }
  return { factors, correlation: correlationOf(factors, model), exposure, loading };
}

interface Greeks {
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly volatility: number;
  readonly expiryYears: number;
}

function greeksOf(instrument: HedgeInstrument): Greeks {
  return {
    delta: instrument.deltaPerContract,
    gamma: instrument.gammaPerContract,
    vega: instrument.vegaPerContract,
    volatility: instrument.volatility,
    expiryYears: instrument.expiryYears,
  };
}

function placeKey(underlying: string, kind: Factor['kind'], years: number): string {
  return kind === 'volatility' ? `${underlying}/${tenorKey(years)}` : `${underlying}/${kind}`;
}

function bump(into: number[], index: number, by: number): void {
  if (index >= 0) into[index] = (into[index] ?? 0) + by;
}

/** Numeraire per standard deviation for one unit of delta and of gamma: S·σ√h and ½·S·S_usd·σ²h·√(κ − 1). */
export function moveScales(
  view: Pick<UnderlyingView, 'spot' | 'spotUsd' | 'volatility' | 'instruments'>,
  model: FactorModel,
): { readonly perDelta: number; readonly perGamma: number; readonly volatility: number } {
  const quoted = view.instruments.find(({ volatility }) => volatility > 0)?.volatility;
  const volatility = view.volatility > 0 ? view.volatility : (quoted ?? model.fallbackVolatility);
  const variance = volatility * volatility * model.horizonYears;
  return {
    volatility,
    perDelta: view.spot * sqrt(variance),
    perGamma: 0.5 * view.spot * view.spotUsd * variance * sqrt(model.kurtosis - 1),
  };
}

/** Standard deviation of an expiry's volatility until the horizon of volatilities, per 1.00. */
export function volatilityMove(volatility: number, expiryYears: number, model: FactorModel): number {
  const days = max(1, expiryYears * DAYS_PER_YEAR);
  const tenor = math.pow(REFERENCE_DAYS / days, model.tenorPower);
  return volatility * model.volOfVol * tenor * sqrt(model.volatilityHorizonYears);
}

/**
 * Spot factors correlate by `spotCorrelation` (c), curvatures by c², volatilities as ρz + √(1 − ρ²)w with w driven per
 * underlying by an exponential kernel over log tenor: positive semidefinite by construction.
 */
function correlationOf(factors: readonly Factor[], model: FactorModel): number[][] {
  const logTenor = factors.map(({ expiryYears }) => math.log(max(DAY_YEARS, expiryYears)));
  return factors.map((a, i) =>
    factors.map((b, j) => {
      if (i === j) return 1;
      const spots = a.underlying === b.underlying ? 1 : model.spotCorrelation;
      if (a.kind === 'gamma' || b.kind === 'gamma') return a.kind === b.kind ? spots * spots : 0;
      if (a.kind === 'spot' && b.kind === 'spot') return spots;
      const rho = model.spotVolCorrelation;
      if (a.kind === 'spot' || b.kind === 'spot') return rho * spots;
      const own =
        a.underlying === b.underlying
          ? math.exp(-model.tenorDecay * abs((logTenor[i] ?? 0) - (logTenor[j] ?? 0)))
          : 0;
      return rho * rho * spots + (1 - rho * rho) * own;
    }),
  );
}

/** aᵀRb. */
export function crossVariance(
  correlation: readonly (readonly number[])[],
  a: readonly number[],
  b: readonly number[],
): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) {
    const left = a[i] ?? 0;
    if (left === 0) continue;
    const row = correlation[i] ?? [];
    let inner = 0;
    for (let j = 0; j < b.length; j += 1) inner += (row[j] ?? 0) * (b[j] ?? 0);
    sum += left * inner;
  }
  return sum;
}
