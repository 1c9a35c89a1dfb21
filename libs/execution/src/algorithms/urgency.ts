import type { Assessment, HedgeDecision, NamedNumber, TradeChosen } from '@evenkeel/facts';
import { yearsBetween } from '@evenkeel/kernel';
import type { ExecutionInstructions } from './instructions';

/** How little a trade can wait, from 0 (no hurry) to 1 (now), and what that was made of. */
export interface Urgency {
  readonly value: number;
  readonly ingredients: readonly NamedNumber[];
  readonly sentence: string;
}

/** Exposure at this multiple of the half band is fully urgent by itself. */
const FULL_BREACH = 3;

/**
 * The urgency of a trade, from its decision. Three reasons not to wait, each from 0 to 1, joined as 1 − Π(1 − reason):
 * *breach*: exposure beyond the half band, full at three half bands; *gamma*: of the variance of waiting over the execution
 * horizon the share that comes from gamma, ½d² ÷ (t² + ½d²) with d = |Γ|·S·σ√h and t the delta that the trade brings;
 * *volatility*: how far σ lies above the reference volatility of the instructions, full at twice. Deltas in units of the
 * underlying, Γ per unit of price.
 */
export function urgencyOf(
  decision: HedgeDecision,
  trade: TradeChosen,
  underlying: string,
  instructions: ExecutionInstructions,
): Urgency {
  const assessment = decision.assessments.find((entry) => entry.underlying === underlying);
  const volatility = volatilityOf(assessment) ?? instructions.volatility;
  const horizonYears = yearsBetween(0n, instructions.horizon);
  const breach = assessment === undefined ? 0 : breachOf(assessment);
  const drift =
    assessment === undefined
      ? 0
      : Math.abs(assessment.gamma) * assessment.spot * volatility * Math.sqrt(horizonYears);
  const reasons = {
    breach: within((breach - 1) / (FULL_BREACH - 1)),
    gamma: drift === 0 ? 0 : (0.5 * drift * drift) / (trade.delta * trade.delta + 0.5 * drift * drift),
    volatility: within(volatility / instructions.volatility - 1),
  };
  const value = 1 - (1 - reasons.breach) * (1 - reasons.gamma) * (1 - reasons.volatility);
  const parts = Object.entries(reasons)
    .filter(([, part]) => part > 0)
    .map(([name, part]) => `${name} ${part.toFixed(2)}`);
  return {
    value,
    ingredients: [
      { name: 'exposure ÷ half band', value: breach, unit: '' },
      { name: 'delta drift over the horizon', value: drift, unit: underlying },
      { name: 'volatility', value: volatility, unit: 'per 1.00 per √year' },
      { name: 'urgency from breach', value: reasons.breach, unit: '' },
      { name: 'urgency from gamma', value: reasons.gamma, unit: '' },
      { name: 'urgency from volatility', value: reasons.volatility, unit: '' },
    ],
    sentence: `urgency ${value.toFixed(2)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`,
  };
}

/** |exposure| ÷ half band; 1 where the policy has no band. */
function breachOf({ exposure, bandLower, bandUpper }: Assessment): number {
  const half = (bandUpper - bandLower) / 2;
  return half > 0 ? Math.abs(exposure - (bandUpper + bandLower) / 2) / half : 1;
}

function volatilityOf(assessment: Assessment | undefined): number | undefined {
  const named = assessment?.ingredients.find(({ name }) => name === 'volatility')?.value;
  return named !== undefined && named > 0 ? named : undefined;
}

function within(value: number): number {
  return Math.min(1, Math.max(0, value));
}
