import { costOfFill } from '@evenkeel/accounting';
import type { GreekUnits } from '@evenkeel/figures';
import { spotUsdOf } from '@evenkeel/hedging';
import { isDollar, parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import type { Reconstruction } from './reconstruction';

/** What the orders of a decision cost by the record, in the book's currency. What was paid or lost is positive. */
export interface ActualCost {
  readonly fee: number;
  readonly slippage: number;
  readonly impact: number;
  readonly total: number;
}

/** The currency of the book's numbers; that of the world where the snapshot is missing. */
export function numeraireOf({ snapshot, next }: Reconstruction): string {
  return snapshot?.payload.numeraire ?? next?.payload.numeraire ?? 'USD';
}

/** How Greeks of an underlying are told at the moment of the decision. */
export function unitsOf(story: Reconstruction, underlying: string): GreekUnits {
  const numeraire = numeraireOf(story);
  const seen = story.snapshot?.payload;
  const known = seen === undefined ? 0 : spotUsdOf(seen, underlying);
  const assessed = story.decision.payload.assessments.find((one) => one.underlying === underlying)?.spot;
  const spotUsd = known > 0 ? known : isDollar(numeraire) ? (assessed ?? 0) : 0;
  return { underlying, spotUsd, numeraire };
}

/** `undefined` where an amount cannot be told in the book's currency by what the snapshot knows. */
export function actualCost(story: Reconstruction): ActualCost | undefined {
  const contracts = contractsOf(story);
  const numeraire = numeraireOf(story);
  let [fee, slippage, impact] = [0, 0, 0];
  for (const { intended, fills } of story.orders)
    for (const { filled } of fills) {
      const { payload } = filled;
      const contract = contracts.get(payload.instrument);
      if (contract === undefined) return undefined;
      const reference = intended === undefined ? undefined : Number(intended.payload.referencePrice);
      const cost = costOfFill(contract, payload, { reference, before: story.snapshot?.payload });
      const paid = rateOf(story, payload.fee.currency, numeraire);
      const settled = rateOf(story, contract.settlement, numeraire);
      if (paid === undefined || settled === undefined) return undefined;
      fee -= Number(payload.fee.amount) * paid;
      slippage -= cost.slippage * settled;
      impact -= cost.impact * settled;
    }
  return { fee, slippage, impact, total: fee + slippage + impact };
}

function contractsOf({ policy }: Reconstruction): ReadonlyMap<string, Contract> {
  const read = (policy?.payload.specifications ?? []).map((text) => parseContract(text));
  return new Map(read.map((contract) => [contract.id, contract]));
}

/** The numeraire that one unit of a currency is worth, by the composites of the snapshot. */
function rateOf(story: Reconstruction, currency: string, numeraire: string): number | undefined {
  const usd = (name: string): number => {
    if (isDollar(name)) return 1;
    return story.snapshot === undefined ? 0 : spotUsdOf(story.snapshot.payload, name);
  };
  if (currency === numeraire) return 1;
  const [one, unit] = [usd(currency), usd(numeraire)];
  return one > 0 && unit > 0 ? one / unit : undefined;
}
