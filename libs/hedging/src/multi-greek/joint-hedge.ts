import type { RiskSnapshotTaken } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import type { HedgeInstrument } from '../hedge-instrument';
import type { UnderlyingView } from '../policy/policy';
import { contractCostOf, deltaWithImpact } from './contract-cost';
import { factorRiskOf, moveScales } from './factor-risk';
import type { LinearLimit, HedgeChoice, HedgeForm } from './hedge-problem';
import { hedgeFormOf } from './hedge-problem';
import type { MultiGreekSettings } from './settings';
import { bucketName, bucketOf, bucketVegas } from './vega-buckets';

export interface JointInput {
  readonly views: readonly UnderlyingView[];
  readonly snapshot: RiskSnapshotTaken;
  readonly now: Instant;
  readonly numeraireUsd: number;
}

/** The joint program of a whole book at one snapshot. Underlyings that may not be traded count as risk, not as choices. */
export function jointHedgeOf(input: JointInput, settings: MultiGreekSettings): HedgeForm {
  const { views, snapshot } = input;
  const risk = factorRiskOf(views, snapshot, settings.model);
  const held = new Map(snapshot.legs.map(({ instrument, quantity }) => [instrument, Number(quantity)]));
  const tradable = views.filter(({ refusals }) => refusals.length === 0);
  const choices = tradable.flatMap((view) => {
    const scales = moveScales(view, settings.model);
    const market = {
      now: input.now,
      spot: view.spot,
      spotUsd: view.spotUsd,
      numeraireUsd: input.numeraireUsd,
      perDelta: scales.perDelta,
      dailyVolatility: scales.volatility / Math.sqrt(365),
      gamma: view.gamma,
    };
    return view.instruments
      .filter(({ kind }) => kind !== 'pool')
      .map((instrument): HedgeChoice => {
        const { id } = instrument;
        const lot = instrument.lot.toNumber();
        return {
          instrument,
          loading: risk.loading({
            ...instrument,
            deltaPerContract: deltaWithImpact(instrument, settings.costs, market),
          }),
          cost: contractCostOf(instrument, settings.costs, market),
          patience: view.bandScale,
          position: (held.get(id) ?? 0) + (view.inFlightContracts.get(id) ?? 0),
          tradeMax: settings.limits.trade[id] ?? tradeBound(instrument, view),
          positionMax: settings.limits.position[id] ?? Infinity,
          lot,
          lotsMin: Math.max(1, Math.ceil(instrument.minQuantity.toNumber() / lot - 1e-9)),
        };
      });
  });
  return hedgeFormOf({
    choices,
    exposure: risk.exposure,
    correlation: risk.correlation,
    riskAversion: settings.riskAversion,
    greekLimits: tradable.flatMap((view) => greekLimitsOf(view, choices, snapshot, settings)),
    marginMax: settings.limits.margin,
    marginOther: 0,
  });
}

const BOUND_NOTIONALS = 20;

/** Without a limit of the desk's: as much as could sensibly be wanted, so that the search has a box. */
function tradeBound(instrument: HedgeInstrument, view: UnderlyingView): number {
  const { deltaPerContract, gammaPerContract, vegaPerContract, lot, minQuantity } = instrument;
  const share = (exposure: number, per: number): number => (per === 0 ? 0 : Math.abs(exposure / per));
  const size = Math.abs(instrument.notionalPerContract / view.spot);
  const most = Math.max(
    share(view.exposure, deltaPerContract),
    share(view.gamma, gammaPerContract),
    share(view.vega, vegaPerContract),
    // Options bring delta of about their size each, which a linear contract must be able to take back.
    size > 0 ? share(view.gamma * view.spotUsd, size) : 0,
  );
  const floor = Math.max(lot.toNumber(), minQuantity.toNumber());
  return BOUND_NOTIONALS * Math.max(most, floor);
}

function greekLimitsOf(
  view: UnderlyingView,
  choices: readonly HedgeChoice[],
  snapshot: RiskSnapshotTaken,
  settings: MultiGreekSettings,
): LinearLimit[] {
  const { limits, bucketDays } = settings;
  const { underlying } = view;
  const mine = (per: (instrument: HedgeInstrument) => number): number[] =>
    choices.map(({ instrument }) => (instrument.underlying === underlying ? per(instrument) : 0));
  const inFlight = (per: (instrument: HedgeInstrument) => number): number =>
    view.instruments.reduce(
      (sum, instrument) => sum + (view.inFlightContracts.get(instrument.id) ?? 0) * per(instrument),
      0,
    );
  const found: LinearLimit[] = [];
  const want = (name: string, limit: number, current: number, perContract: number[]): void => {
    if (Number.isFinite(limit)) found.push({ name: `${underlying} ${name}`, limit, current, perContract });
  };
  const percent = view.spotUsd / 100;
  const gamma = (instrument: HedgeInstrument): number => instrument.gammaPerContract * percent;
  const vega = (instrument: HedgeInstrument): number => instrument.vegaPerContract / 100;
  want(
    'delta',
    limits.delta,
    view.exposure,
    mine(({ deltaPerContract }) => deltaPerContract),
  );
  want('gamma', limits.gammaPerPercent, view.gamma * percent + inFlight(gamma), mine(gamma));
  want('vega', limits.vegaPerPoint, view.vega / 100 + inFlight(vega), mine(vega));
  if (Number.isFinite(limits.bucketVegaPerPoint)) {
    bucketVegas(view, snapshot, bucketDays).forEach((current, index) => {
      const within = (instrument: HedgeInstrument): number =>
        bucketOf(instrument.expiryYears, bucketDays) === index ? vega(instrument) : 0;
      want(`vega ${bucketName(index, bucketDays)}`, limits.bucketVegaPerPoint, current / 100, mine(within));
    });
  }
  return found;
}
