import type { Assessment, Candidate } from '@evenkeel/facts';
import { amountText, deltaText, moneyText, percentText, sumText } from '@evenkeel/figures';
import { Decimal, sum } from '@evenkeel/kernel';
import { reasonsText } from './reason-words';
import type { OrderStory, Reconstruction } from './reconstruction';
import { stopText } from './stop-text';
import { actualCost, numeraireOf, unitsOf } from './story-money';
import { policyName, whoText } from './who-text';

/** The answer to "what happened, and why?", each part as sentences that can be read aloud. */
export interface StoryAnswer {
  readonly what: readonly string[];
  readonly why: readonly string[];
  readonly effect: readonly string[];
  readonly cost: readonly string[];
  readonly who: readonly string[];
}

export function answerOf(story: Reconstruction): StoryAnswer {
  return {
    what: whatOf(story),
    why: whyOf(story),
    effect: effectOf(story),
    cost: costOf(story),
    who: [`policy ${policyName(story)}, ${whoText(story)}`],
  };
}

function isFilled({ orders }: Reconstruction): boolean {
  return orders.some(({ fills }) => fills.length > 0);
}

function whatOf(story: Reconstruction): readonly string[] {
  const { decision } = story;
  const { trades, withdrawals } = decision.payload;
  const verb = isFilled(story) ? 'hedged' : 'decided to hedge';
  const taken = withdrawals?.clientOrderIds.length ?? 0;
  if (decision.outcome === 'DECLINED') return ['did not hedge: nothing was traded'];
  return [
    ...trades.map(({ quantity, instrument, referencePrice, urgency }) => {
      const size = Decimal.parse(quantity);
      const side = size.isNegative() ? 'sell' : 'buy';
      return `${verb}: ${side} ${size.abs().toString()} ${instrument} around ${referencePrice} (${urgency})`;
    }),
    ...(taken === 0 ? [] : [`took back ${taken} resting order${taken === 1 ? '' : 's'}`]),
  ];
}

function whyOf(story: Reconstruction): readonly string[] {
  const { decision, stops, snapshot } = story;
  const { reasons, assessments } = decision.payload;
  const seen = snapshot?.payload;
  const priceTold = stops.some(({ kind }) => kind === 'price');
  return [
    reasonsText(reasons),
    // What stopped an order of a hedge is told with the order.
    ...(decision.outcome === 'DECLINED' ? stops.map(stopText) : []),
    ...(reasons.includes('STALE_INPUTS') || (reasons.includes('PRICE_HALTED') && !priceTold)
      ? (seen?.marks ?? [])
          .filter(({ status }) => status !== 'OK')
          .map(
            ({ instrument, status, reasons: why, ageSeconds }) =>
              `price of ${instrument}: ${status}${why.length === 0 ? '' : ` (${why.join(', ')})`}, ${ageText(ageSeconds)} old`,
          )
      : []),
    ...(reasons.includes('UNPRICED_LEGS')
      ? (seen?.unpriced ?? []).map(({ instrument, message }) => `no price for ${instrument}: ${message}`)
      : []),
    ...assessments.map((one) => againstBand(one, story)),
  ];
}

const NOT_WORKED_OUT = 'the band was not worked out: no price to trade on';
const FOR_WANT_OF_PRICE: readonly string[] = ['PRICE_HALTED', 'STALE_INPUTS', 'UNPRICED_LEGS'];

function isForWantOfPrice({ decision }: Reconstruction): boolean {
  return decision.payload.reasons.some((reason) => FOR_WANT_OF_PRICE.includes(reason));
}

/** The exposure of one underlying against its band. */
export function againstBand(assessment: Assessment, story: Reconstruction): string {
  const { underlying, exposure, bandLower, bandUpper, inFlightDelta, breached } = assessment;
  const units = unitsOf(story, underlying);
  const flight = inFlightDelta === 0 ? '' : `, of it ${deltaText(inFlightDelta, units)} on its way`;
  const isWhole = (story.snapshot?.payload.unpriced ?? []).length === 0;
  const told = `${underlying} exposure ${deltaText(exposure, units)}${flight}${isWhole ? '' : ', without what had no price'}`;
  const half = (bandUpper - bandLower) / 2;
  if (!(half > 0)) return `${told}; ${isForWantOfPrice(story) ? NOT_WORKED_OUT : 'the policy has no band'}`;
  const use = Math.abs(exposure - (bandLower + bandUpper) / 2) / half;
  const band = `${deltaText(bandLower, { ...units, spotUsd: 0 })} … ${deltaText(bandUpper, { ...units, spotUsd: 0 })}`;
  return `${told} against the band ${band}: ${percentText(use)} of it used, ${breached ? 'outside' : 'inside'}`;
}

function effectOf(story: Reconstruction): readonly string[] {
  const { orders, next, snapshot, decision, stops } = story;
  return [
    ...(orders.length === 0 ? ['no order came of it'] : orders.map(orderEffect)),
    ...(decision.outcome === 'HEDGED' ? stops.map(stopText) : []),
    ...story.decision.payload.assessments.map((one) => exposureEffect(one, story)),
    ...riskEffect(story),
    ...(snapshot === undefined || next === undefined
      ? []
      : [
          `equity ${moneyText(snapshot.payload.equity, numeraireOf(story))} → ${moneyText(next.payload.equity, numeraireOf(story))}`,
        ]),
  ];
}

function orderEffect({ intended, refused, closed, fills }: OrderStory): string {
  const terms = intended?.payload ?? refused?.payload;
  const wanted = terms === undefined ? 'an order' : `${terms.side} ${terms.quantity} ${terms.instrument}`;
  if (refused !== undefined)
    return `${wanted}: refused before it left, ${reasonsText(refused.payload.reasons)}`;
  if (fills.length === 0)
    return closed === undefined
      ? `${wanted}: sent, nothing filled yet`
      : `${wanted}: nothing filled, ${reasonsText([closed.payload.reason])}`;
  const amounts = fills.map(({ filled: { payload } }) => ({
    quantity: Decimal.parse(payload.quantity).abs(),
    price: Decimal.parse(payload.price),
  }));
  const quantity = sum(amounts.map((one) => one.quantity));
  const worth = sum(amounts.map((one) => one.quantity.times(one.price)));
  const average = worth.dividedBy(quantity, PRICE_DIGITS).toString();
  const rest = closed === undefined ? '' : `, the rest ended: ${reasonsText([closed.payload.reason])}`;
  return `${wanted}: filled ${quantity.toString()} at ${average}${fills.length === 1 ? '' : ` on average in ${fills.length} fills`}${rest}`;
}

const PRICE_DIGITS = 8;

function exposureEffect({ underlying, exposure, target }: Assessment, story: Reconstruction): string {
  const units = unitsOf(story, underlying);
  const then = story.next?.payload.exposures.find((one) => one.underlying === underlying);
  const before = deltaText(exposure, units);
  return then === undefined
    ? `${underlying} exposure stays ${before}: no later snapshot`
    : `${underlying} exposure ${before} → ${deltaText(then.delta - target, units)}`;
}

/** Standard deviation of P&L until the policy's horizon, if nothing and if the chosen was done. Lower is better. */
function riskEffect(story: Reconstruction): readonly string[] {
  const { candidates } = story.decision.payload;
  const numeraire = numeraireOf(story);
  const told = (one: Candidate): string => amountText(one.residualRisk, numeraire);
  const chosen = candidates.filter(({ chosen: is }) => is);
  const leave = candidates.filter(({ trades, chosen: is }) => trades.length === 0 && !is);
  const [done, left] = [chosen[0], leave[0]];
  if (chosen.length > 1) return [];
  if (!isFilled(story)) return left === undefined ? [] : [`risk stays ${told(left)} (${RISK})`];
  if (done === undefined) return [];
  return [
    left === undefined ? `risk left ${told(done)} (${RISK})` : `risk ${told(left)} → ${told(done)} (${RISK})`,
  ];
}

export const RISK = 'one standard deviation of P&L to the policy’s horizon';

function costOf(story: Reconstruction): readonly string[] {
  const numeraire = numeraireOf(story);
  const chosen = story.decision.payload.candidates.filter(({ chosen: is }) => is);
  const filled = isFilled(story);
  if (chosen.length === 0 && !filled) return ['nothing'];
  const expected = chosen.map(({ expectedCost }) => expectedCost);
  const of = (pick: (cost: Candidate['expectedCost']) => number): number =>
    expected.reduce((total, cost) => total + pick(cost), 0);
  const names = ['fee', 'spread', 'impact', 'funding', 'gas', 'margin'] as const;
  const parts = names.map((name) => [name, of((cost) => cost[name])] as const);
  const planned = costText(
    'expected',
    of(({ total }) => total),
    parts,
    numeraire,
  );
  if (!filled) return [planned, 'actual nothing: nothing was filled'];
  const actual = actualCost(story);
  if (actual === undefined) return [planned, 'actual unknown: the record lacks a price to tell it with'];
  const { fee, slippage, impact, total } = actual;
  const paid = [['fee', fee] as const, ['slippage', slippage] as const, ['impact', impact] as const];
  return [planned, costText('actual', total, paid, numeraire)];
}

/** A cost and what it is made of, in figures that add up; what cost nothing is left out but for the first three. */
function costText(
  name: string,
  total: number,
  parts: readonly (readonly [string, number])[],
  currency: string,
): string {
  const shown = parts.filter(([, amount], index) => index < USUAL_COSTS || amount !== 0);
  const exact = (amount: number): string => Decimal.ofNumber(amount, EXACT_DIGITS).toString();
  const made = sumText(
    exact(total),
    shown.map(([part, amount]) => [part, exact(amount)]),
    currency,
  );
  return `${name} ${amountText(total, currency)} = ${made}`;
}

const USUAL_COSTS = 3;
const EXACT_DIGITS = 12;

/** Seconds as a person says them. */
export function ageText(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toFixed(1))} h`;
}
