import type { HedgeDecision, ScheduleSlice, TradeChosen } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { canonicalJson, parseInstant } from '@evenkeel/kernel';
import type { Decimal, Instant, Json, Nanoseconds } from '@evenkeel/kernel';
import { almgrenChriss, modelOfMarket } from './almgren-chriss';
import { quoteDistance } from './avellaneda-stoikov';
import type { QuoteParameters } from './avellaneda-stoikov';
import type { ExecutionInstructions } from './instructions';
import { evenShares, profileShares, scheduleOf, sliceStarts } from './schedule';
import type { Urgency } from './urgency';
import { urgencyOf } from './urgency';

export type AlgorithmName =
  'peg' | 'twap' | 'vwap' | 'pov' | 'almgren-chriss' | 'avellaneda-stoikov' | 'iceberg';

/** How one trade is carried out over time. */
export interface ExecutionPlan {
  readonly algorithm: AlgorithmName;
  readonly endsAt: Instant;
  readonly urgency: Urgency;
  readonly schedule: readonly ScheduleSlice[];
  /** Canonical JSON of `PlanParameters`. */
  readonly parameters: string;
  readonly explanation: string;
}

/** What the running algorithm needs besides its schedule. Durations in seconds, quantities as decimal strings. */
export interface PlanParameters {
  readonly style: 'take' | 'passive';
  readonly atEnd: 'take' | 'leave';
  readonly repriceTicks: number;
  readonly repriceSeconds: number;
  /** Share of the market's volume; POV only. */
  readonly participation?: number;
  /** Contracts shown; iceberg only. */
  readonly display?: string;
  /** Of its quotes; Avellaneda–Stoikov only. */
  readonly quote?: QuoteParameters;
  /** κ per second of the Almgren–Chriss schedule, with its expected cost (USD) and standard deviation (USD). */
  readonly kappa?: number;
  readonly expectedCostUsd?: number;
  readonly riskUsd?: number;
}

export interface TradeToPlan {
  readonly decision: HedgeDecision;
  readonly trade: TradeChosen;
  /** Positive contracts. */
  readonly quantity: Decimal;
  readonly contract: Contract;
  /** Of the whole trade; undefined where it cannot be valued. */
  readonly notionalUsd: Decimal | undefined;
}

/** Urgency from which `auto` pegs, and from which it front-loads. */
const AUTO_PEG = 0.6;
const AUTO_FRONT_LOAD = 0.2;
/** The shortest horizon, as part of the longest. */
const HORIZON_SHARE_MIN = 0.1;
const SECONDS_PER_DAY = 86_400;
const BPS = 10_000;

/** Chooses algorithm and parameters for a trade; undefined when it goes out at once as one order. */
export function planTrade(work: TradeToPlan, instructions: ExecutionInstructions): ExecutionPlan | undefined {
  const { decision, trade, quantity, contract, notionalUsd } = work;
  if (instructions.algorithm === 'immediate' || trade.urgency === 'passive') return undefined;
  if (notionalUsd === undefined || notionalUsd.lessThan(instructions.minNotionalUsd)) return undefined;
  const urgency = urgencyOf(decision, trade, contract.underlying, instructions);
  if (urgency.value >= instructions.immediateAbove) return undefined;
  const algorithm = instructions.algorithm === 'auto' ? chosenBy(urgency.value) : instructions.algorithm;
  const start = parseInstant(decision.at);
  const horizon = shortened(instructions.horizon, urgency.value);
  const schedule: ScheduleSlice[] = [];
  const extra: Partial<Record<keyof PlanParameters, Json>> = {};
  let detail = '';
  const scheduled = (shares: readonly number[]): void => {
    const starts = sliceStarts(start, horizon, shares.length);
    schedule.push(...scheduleOf(quantity, shares, starts, contract));
  };
  switch (algorithm) {
    case 'twap':
      scheduled(evenShares(instructions.slices));
      detail = `even slices`;
      break;
    case 'vwap':
      scheduled(profileShares(instructions.profile, start, horizon, instructions.slices));
      detail = 'slices by the hourly volume profile';
      break;
    case 'almgren-chriss': {
      const found = frontLoaded(work, instructions, urgency.value, horizon, notionalUsd);
      if (found === undefined) scheduled(evenShares(instructions.slices));
      else {
        scheduled(found.shares);
        extra.kappa = found.kappa;
        extra.expectedCostUsd = found.expectedCostUsd;
        extra.riskUsd = found.riskUsd;
      }
      detail =
        found === undefined ? 'even slices: no impact to balance' : `κ ${found.kappa.toExponential(3)} per s`;
      break;
    }
    case 'pov': {
      const { participation, participationMax } = instructions;
      extra.participation = participation + urgency.value * (participationMax - participation);
      detail = `${(100 * extra.participation).toFixed(1)} % of the volume`;
      break;
    }
    case 'iceberg':
      extra.display = instructions.display?.toString() ?? quantity.toString();
      detail = `${extra.display} shown at a time`;
      break;
    case 'avellaneda-stoikov': {
      const quote = quoteParametersOf(work, instructions, urgency, notionalUsd);
      extra.quote = { ...quote };
      const first = quoteDistance(quote, quantity.toNumber(), Number(horizon) / 1e9);
      detail = `quotes ${first.toFixed(2)} USD behind the middle at first, then takes`;
      break;
    }
    case 'peg':
      detail = 'rests at the touch, then takes';
  }
  const resting = ['peg', 'iceberg', 'avellaneda-stoikov'].includes(algorithm);
  const parameters: Record<string, Json> = {
    style: resting ? 'passive' : instructions.style,
    atEnd: instructions.atEnd,
    repriceTicks: instructions.repriceTicks,
    repriceSeconds: Number(instructions.repriceInterval) / 1e9,
    ...extra,
  };
  return {
    algorithm,
    endsAt: start + horizon,
    urgency,
    schedule,
    parameters: canonicalJson(parameters),
    explanation: `${algorithm}: ${detail}; ${urgency.sentence}, so ${Number(horizon) / 1e9} s of at most ${Number(instructions.horizon) / 1e9} s`,
  };
}

/** γ as written; σ the decision's where it names one; κ and the size of a contract at the price of the decision. */
function quoteParametersOf(
  { trade, quantity }: TradeToPlan,
  { riskAversion, fillDistanceBps = 1, volatility }: ExecutionInstructions,
  { ingredients }: Urgency,
  notionalUsd: Decimal,
): QuoteParameters {
  const price = Number(trade.referencePrice);
  const annual = ingredients.find(({ name }) => name === 'volatility')?.value ?? volatility;
  return {
    riskAversion,
    deviation: (price * annual) / Math.sqrt(365 * SECONDS_PER_DAY),
    fillDecay: BPS / (fillDistanceBps * price),
    unitsPerContract: notionalUsd.toNumber() / quantity.toNumber() / price,
  };
}

function chosenBy(urgency: number): AlgorithmName {
  return urgency >= AUTO_PEG ? 'peg' : urgency >= AUTO_FRONT_LOAD ? 'almgren-chriss' : 'twap';
}

/** The more urgent, the shorter; whole milliseconds. */
function shortened(horizon: Nanoseconds, urgency: number): Nanoseconds {
  const share = Math.max(HORIZON_SHARE_MIN, 1 - urgency);
  return (horizon * BigInt(Math.round(share * 1000))) / 1000n;
}

interface FrontLoading {
  readonly shares: readonly number[];
  readonly kappa: number;
  readonly expectedCostUsd: number;
  readonly riskUsd: number;
}

/** The Almgren–Chriss schedule in USD per contract and seconds; urgency raises the aversion to risk up to a hundredfold. */
function frontLoaded(
  { quantity, contract }: TradeToPlan,
  instructions: ExecutionInstructions,
  urgency: number,
  horizon: Nanoseconds,
  notionalUsd: Decimal,
): FrontLoading | undefined {
  const contracts = quantity.toNumber();
  const unit = notionalUsd.toNumber() / contracts;
  const perVolume = unit / BPS / instructions.dailyVolume;
  const hurry = 1 + 99 * urgency * urgency;
  const order = {
    quantity: contracts,
    horizon: Number(horizon) / 1e9,
    periods: instructions.slices,
    riskAversion: instructions.riskAversion * hurry,
  };
  const schedule = almgrenChriss(
    instructions.impact === 'spread'
      ? modelOfMarket(
          {
            price: unit,
            volatility: instructions.volatility / Math.sqrt(365),
            dailyVolume: instructions.dailyVolume,
            spread: 2 * contract.halfSpread.toNumber() * unit,
          },
          order,
        )
      : {
          ...order,
          volatility: (unit * instructions.volatility) / Math.sqrt(365 * SECONDS_PER_DAY),
          temporaryImpact: instructions.temporaryImpactBps * perVolume * SECONDS_PER_DAY,
          permanentImpact: instructions.permanentImpactBps * perVolume,
          fixedCost: 0,
        },
  );
  if (schedule === undefined) return undefined;
  const { holdings, kappa, expectedCost, variance } = schedule;
  return {
    shares: holdings.slice(1).map((held, index) => ((holdings[index] ?? 0) - held) / contracts),
    kappa,
    expectedCostUsd: expectedCost,
    riskUsd: Math.sqrt(variance),
  };
}
