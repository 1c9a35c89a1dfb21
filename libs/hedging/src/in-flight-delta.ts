import { legIn } from '@evenkeel/facts';
import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import type { HedgeInstrument, HedgeMarket } from './hedge-instrument';
import { legGreeksOf } from './hedge-instrument';
import type { InFlight } from './in-flight';
import type { PolicyInForce } from './state';

interface Flight {
  readonly policy: PolicyInForce;
  readonly underlying: string;
  readonly inFlight: InFlight;
  /** What may be traded now. */
  readonly instruments: readonly HedgeInstrument[];
  readonly snapshot: RiskSnapshotTaken;
  readonly market: HedgeMarket;
}

/** Delta of everything on its way in an underlying, and the instruments whose delta nobody can tell. */
export function deltaInFlight(flight: Flight): {
  readonly delta: number;
  readonly unknown: readonly string[];
} {
  let delta = 0;
  const unknown: string[] = [];
  for (const [instrument, contracts] of flight.inFlight.contracts) {
    const text = flight.policy.specifications[instrument];
    if (text === undefined || contracts === 0) continue;
    const contract = parseContract(text);
    if (contract.underlying !== flight.underlying) continue;
    const each = deltaPerContract(contract, flight);
    if (each === undefined) unknown.push(instrument);
    else delta += contracts * each;
  }
  return { delta, unknown: unknown.sort() };
}

/**
 * Of what may be traded as it is measured for trading; of an option that may not, as risk valued it; of anything else at spot, as if it
 * had no basis. An option that risk did not value could be anything between nothing and its whole size.
 */
function deltaPerContract(contract: Contract, { instruments, snapshot, market }: Flight): number | undefined {
  const priced = instruments.find(({ id }) => id === contract.id);
  if (priced !== undefined) return priced.deltaPerContract;
  if (contract.kind === 'option') {
    const leg = legIn(snapshot, contract.id);
    return leg && legGreeksOf(contract, leg, market).delta;
  }
  if (!contract.coinSettled) return contract.sizeNumber;
  return market.spotUsd > 0 ? contract.sizeNumber / market.spotUsd : undefined;
}
