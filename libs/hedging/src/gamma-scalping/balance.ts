import { parseInstant, yearsBetween } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import type { UnderlyingView } from '../policy/policy';

/** What gamma earned and theta cost, by UTC day and since the policy was put in force. Plain data, written down as text. */
export interface ScalpBalance {
  readonly at: string;
  readonly spotUsd: number;
  /** Σ (ln return)² and Σ σ²Δt since the start. */
  readonly realised: number;
  readonly implied: number;
  readonly years: number;
  /** Numeraire, since the start: ½ΓS²r² and θΔt. */
  readonly gammaIncome: number;
  readonly theta: number;
  /** The same two of the present UTC day. */
  readonly day: string;
  readonly gammaToday: number;
  readonly thetaToday: number;
}

/** Reads what was remembered; undefined before the first evaluation. */
export function readBalance(text: string | undefined): ScalpBalance | undefined {
  // Written by us, kept by the program as it was.
  return text === undefined ? undefined : (JSON.parse(text) as ScalpBalance);
}

/**
 * Takes in the time and the move since the last look, with the gamma, theta and volatility of now: evaluations come at every
 * material move, so these hardly differ from those at its start.
 */
export function nextBalance(
  before: ScalpBalance | undefined,
  view: UnderlyingView,
  at: string,
): ScalpBalance {
  const day = at.slice(0, 10);
  const none = { realised: 0, implied: 0, years: 0, gammaIncome: 0, theta: 0, gammaToday: 0, thetaToday: 0 };
  if (before === undefined || !(before.spotUsd > 0)) return { ...none, at, day, spotUsd: view.spotUsd };
  const years = Math.max(0, yearsBetween(parseInstant(before.at), parseInstant(at)));
  const move = math.log(view.spotUsd / before.spotUsd);
  const income = 0.5 * view.gamma * view.spotUsd * view.spot * move * move;
  const decay = view.theta * years;
  const sameDay = before.day === day;
  return {
    at,
    day,
    spotUsd: view.spotUsd,
    realised: before.realised + move * move,
    implied: before.implied + view.volatility * view.volatility * years,
    years: before.years + years,
    gammaIncome: before.gammaIncome + income,
    theta: before.theta + decay,
    gammaToday: (sameDay ? before.gammaToday : 0) + income,
    thetaToday: (sameDay ? before.thetaToday : 0) + decay,
  };
}

/** Annual volatilities of the period: what was realised, and what the marks charged for. */
export function volatilitiesOf({ realised, implied, years }: ScalpBalance): {
  realised: number;
  implied: number;
} {
  if (!(years > 0)) return { realised: 0, implied: 0 };
  return { realised: Math.sqrt(realised / years), implied: Math.sqrt(implied / years) };
}
