import type { RestingOrder } from '../in-flight';

/** One resting order of a ladder: where it rests and what it brings. */
export interface Rung {
  /** USD per unit of the underlying. */
  readonly spotUsd: number;
  /** Delta it brings when it fills, units of the underlying: sells are negative. */
  readonly delta: number;
}

export interface LadderInputs {
  readonly spotUsd: number;
  /** Units of the underlying per USD; positive. */
  readonly gamma: number;
  /** Net delta now, units of the underlying. */
  readonly exposure: number;
  /** Delta between two rungs, units of the underlying. */
  readonly size: number;
  /** Rungs to each side. */
  readonly rungs: number;
  /** Furthest rung, fraction of spot: venues and pre-trade collars refuse limits far away. */
  readonly reach: number;
}

/**
 * Where a long-gamma book becomes long or short by another `size`: delta grows by Γ for every dollar up, so the k-th sell rests
 * at S + (k·size − exposure)/Γ and the k-th buy at S − (k·size + exposure)/Γ. Each fill brings exposure back to nought where
 * it stood. A rung that is due already rests at spot. Sells first, nearest first.
 */
export function ladderOf(inputs: LadderInputs): Rung[] {
  const { spotUsd, gamma, exposure, size, rungs, reach } = inputs;
  const sells: Rung[] = [];
  const buys: Rung[] = [];
  for (let k = 1; k <= rungs; k += 1) {
    const above = Math.max(spotUsd, spotUsd + (k * size - exposure) / gamma);
    const below = Math.min(spotUsd, spotUsd - (k * size + exposure) / gamma);
    if (above / spotUsd - 1 <= reach) sells.push({ spotUsd: above, delta: -size });
    if (1 - below / spotUsd <= reach) buys.push({ spotUsd: below, delta: size });
  }
  return [...sells, ...buys];
}

/** What one trip over a rung earns before costs, numeraire: ½Γ·spacing² = ½·size·spacing. */
export function rungIncome(size: number, gamma: number, numeraireUsd: number): number {
  return (0.5 * size * size) / gamma / numeraireUsd;
}

/** A rung as an order: signed contracts at a limit. */
export interface WantedOrder {
  readonly instrument: string;
  readonly contracts: number;
  readonly price: number;
}

export interface LadderChange {
  /** Indices of `wanted` that nothing rests for yet. */
  readonly place: readonly number[];
  /** Client order ids to take back. */
  readonly withdraw: readonly string[];
}

/**
 * Keeps every resting order that stands within `tolerance` (price) of a rung of its side and is for half to five quarters of its
 * size; takes the rest back and says which rungs are bare. The nearest order serves a rung.
 */
export function changeOf(
  wanted: readonly WantedOrder[],
  resting: readonly RestingOrder[],
  tolerance: number,
): LadderChange {
  const free = new Map(resting.map((order) => [order.clientOrderId, order]));
  const place: number[] = [];
  wanted.forEach((order, index) => {
    let nearest: RestingOrder | undefined;
    let distance = tolerance;
    for (const candidate of free.values()) {
      const share = candidate.contracts / order.contracts;
      const apart = Math.abs(Number(candidate.limitPrice) - order.price);
      if (candidate.instrument !== order.instrument || share < 0.5 || share > 1.25 || apart > distance)
        continue;
      nearest = candidate;
      distance = apart;
    }
    if (nearest === undefined) place.push(index);
    else free.delete(nearest.clientOrderId);
  });
  return { place, withdraw: [...free.keys()] };
}
