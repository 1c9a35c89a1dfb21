import type { LevelChange } from './matching-book';
import type { Refusal, SimOrder, SimTrade } from './sim-orders';

export type SimEvent =
  | { readonly event: 'order'; readonly order: SimOrder }
  | { readonly event: 'user-trade'; readonly account: string; readonly trade: SimTrade }
  | { readonly event: 'trade'; readonly trade: SimTrade }
  /** The mark of an option, or the index of a currency, has moved. */
  | { readonly event: 'ticker'; readonly instrument: string }
  | {
      readonly event: 'book';
      readonly instrument: string;
      readonly changes: readonly LevelChange[];
      readonly previous: number;
      readonly changeId: number;
    };

/** Accidents on demand, each used up by the next order. */
export interface SimFaults {
  rejectNext?: Refusal | undefined;
  /** Fill at most this many lots of the next immediate order. */
  partialNext?: number | undefined;
  /** Matching refuses everything with `maintenance` while true. */
  outage: boolean;
}
