/**
 * Sets of reasons as bits, and back as the list that people and records read: the same set is the same list, so that comparing two is
 * comparing references and nothing is allocated where nothing is found.
 */
export interface ReasonSet<Reason extends string> {
  readonly bit: Readonly<Record<Reason, number>>;
  /** The reasons of a set, in the order they were named. */
  list(bits: number): readonly Reason[];
}

export function reasonSet<Reason extends string>(order: readonly Reason[]): ReasonSet<Reason> {
  // One entry for each reason: every key of the record is there.
  const bit = Object.fromEntries(order.map((reason, index) => [reason, 1 << index])) as Record<
    Reason,
    number
  >;
  const lists = new Map<number, readonly Reason[]>();
  return {
    bit,
    list(bits) {
      let list = lists.get(bits);
      if (list === undefined) {
        list = order.filter((reason) => (bits & bit[reason]) !== 0);
        lists.set(bits, list);
      }
      return list;
    },
  };
}

export type SourceReason =
  | 'NO_DATA'
  | 'PRICE_INVALID'
  | 'CLOCK_FUTURE'
  | 'CLOCK_BACKWARDS'
  | 'STALE'
  | 'NO_TRADES'
  | 'OUT_OF_BOUNDS'
  | 'CROSSED'
  | 'CONFIDENCE_WIDE'
  | 'PEG_UNKNOWN'
  | 'PEG_BROKEN'
  | 'DEVIATES'
  | 'BIASED'
  | 'FROZEN';

export const SOURCE_REASONS = reasonSet<SourceReason>([
  'NO_DATA',
  'PRICE_INVALID',
  'CLOCK_FUTURE',
  'CLOCK_BACKWARDS',
  'STALE',
  'NO_TRADES',
  'OUT_OF_BOUNDS',
  'CROSSED',
  'CONFIDENCE_WIDE',
  'PEG_UNKNOWN',
  'PEG_BROKEN',
  'DEVIATES',
  'BIASED',
  'FROZEN',
]);

export type OracleReason = 'NO_PRICE' | 'QUORUM' | 'DEVIANT_WEIGHT' | 'DISAGREEMENT' | 'TWAP' | 'DEPEG';

export const ORACLE_REASONS = reasonSet<OracleReason>([
  'NO_PRICE',
  'QUORUM',
  'DEVIANT_WEIGHT',
  'DISAGREEMENT',
  'TWAP',
  'DEPEG',
]);
