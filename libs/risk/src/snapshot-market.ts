import { markIn } from '@evenkeel/facts';
import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { isDollar } from '@evenkeel/instruments';
import type { GreekMarket } from '@evenkeel/instruments';
import { compositeOf } from './market-view';

/** USD per unit of a currency as a snapshot has it: 1 for dollars, the composite for coins; undefined when it has none. */
export function dollarsPerIn(
  snapshot: Pick<RiskSnapshotTaken, 'marks'>,
  currency: string,
): number | undefined {
  if (isDollar(currency)) return 1;
  const spot = spotIn(snapshot, currency);
  return spot === undefined ? undefined : Number(spot);
}

/** The composite of a coin as a snapshot has it, USD; undefined when it has none. */
export function spotIn(snapshot: Pick<RiskSnapshotTaken, 'marks'>, coin: string): string | undefined {
  return markIn(snapshot, compositeOf(coin))?.price;
}

/** Where a snapshot measured the Greeks of an underlying; undefined where a price is missing. */
export function greekMarketIn(
  snapshot: Pick<RiskSnapshotTaken, 'marks' | 'numeraire'>,
  underlying: string,
): GreekMarket | undefined {
  const spotUsd = dollarsPerIn(snapshot, underlying);
  const numeraireUsd = dollarsPerIn(snapshot, snapshot.numeraire);
  if (spotUsd === undefined || numeraireUsd === undefined) return undefined;
  return { spotUsd, numeraireUsd, ownCoin: underlying === snapshot.numeraire };
}
