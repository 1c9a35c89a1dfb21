import { createRandom } from '@evenkeel/kernel';

/** How often the venue misbehaves; probabilities per order, each drawn from the seed and the client order id alone. */
export interface VenueQuirks {
  /** The order is refused. */
  readonly rejects: number;
  /** The order never arrives, and nobody says so. */
  readonly lost: number;
  /** The order arrives and is executed, but nobody says so until asked. */
  readonly silent: number;
  /** An immediate order finds only part of its size. */
  readonly partials: number;
  /** A fill comes in two pieces. */
  readonly splits: number;
}

export const NO_QUIRKS: VenueQuirks = { rejects: 0, lost: 0, silent: 0, partials: 0, splits: 0 };

export type Arrival = 'executed' | 'rejected' | 'lost' | 'silent';

/** What the seed has in store for an order. */
export interface Fate {
  readonly arrival: Arrival;
  readonly partial: boolean;
  /** Part of the size that is found when partial, in (0, 1). */
  readonly fraction: number;
  readonly split: boolean;
  /** Part of the latency jitter, in [0, 1). */
  readonly jitter: number;
}

/** The same order has the same fate on every run and in every order of arrival. */
export function fateOf(seed: string, clientOrderId: string, quirks: VenueQuirks): Fate {
  const random = createRandom(`venue-sim/${seed}/${clientOrderId}`);
  const draw = random.next();
  const { rejects, lost, silent } = quirks;
  const arrival: Arrival =
    draw < rejects
      ? 'rejected'
      : draw < rejects + lost
        ? 'lost'
        : draw < rejects + lost + silent
          ? 'silent'
          : 'executed';
  const partial = random.next() < quirks.partials;
  const fraction = 0.1 + 0.8 * random.next();
  const split = random.next() < quirks.splits;
  return { arrival, partial, fraction, split, jitter: random.next() };
}
