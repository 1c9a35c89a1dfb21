import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { parseInstant, required, yearsBetween } from '@evenkeel/kernel';
import { dollarsPerIn } from '@evenkeel/risk';

export interface Move {
  readonly before: number;
  readonly after: number;
}

/** What the market did between two snapshots of a book. */
export interface MarketMove {
  readonly years: number;
  /** USD per unit of an underlying. */
  spot(underlying: string): Move;
  /** Numeraire per unit of a currency. */
  worth(currency: string): Move;
  /** USD per unit of the numeraire. */
  readonly numeraire: Move;
}

export function marketMoveOf(before: RiskSnapshotTaken, after: RiskSnapshotTaken): MarketMove {
  const moves = new Map<string, Move>();
  const usd = (currency: string): Move => {
    const found = moves.get(currency) ?? priced(currency);
    moves.set(currency, found);
    return found;
  };
  const priced = (currency: string): Move => {
    const [start, end] = [dollarsPerIn(before, currency), dollarsPerIn(after, currency)];
    // A currency that came or went within the interval has a price at one end only.
    const known = required(start ?? end, `the price of ${currency} between ${before.at} and ${after.at}`);
    return { before: start ?? known, after: end ?? known };
  };
  const numeraire = usd(before.numeraire);
  return {
    years: yearsBetween(parseInstant(before.at), parseInstant(after.at)),
    spot: usd,
    numeraire,
    worth: (currency) => {
      const move = usd(currency);
      return { before: move.before / numeraire.before, after: move.after / numeraire.after };
    },
  };
}
