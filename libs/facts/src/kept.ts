/**
 * What a partition keeps in memory and nothing but its inputs limits: how many of each at most. Far above what a desk has; beyond
 * it something is wrong that more memory would not mend, and the partition halts.
 */
export const KEPT_MAX = {
  /** Orders that live or ended within a day. */
  orders: 200_000,
  /** Orders whose outcome no venue has told. */
  'unknown-orders': 2_000,
  'parent-orders': 50_000,
  /** Fills and foreign trades that risk has not counted. */
  'uncounted-fills': 10_000,
  /** Fills of accounts that could still be taken back one by one. */
  'account-fills': 400_000,
  'foreign-trades': 100_000,
  /** Answers of venues that were judged, and questions that wait for one. */
  answers: 50_000,
  /** Differences between us and a venue that people accepted. */
  'accepted-differences': 20_000,
  /** Overrides, restrictions, and decisions that throttles count. */
  controls: 100_000,
  /** Changes that people asked for and nobody has judged, and requests that wait for their answer. */
  'open-requests': 10_000,
  /** Instruments with a newest mark. */
  marks: 100_000,
  /** Fills and foreign trades that were put into positions within a day. */
  'applied-fills': 400_000,
  /** Fills, foreign trades and fundings that wait to be. */
  'due-changes': 10_000,
  /** Trades of people, which they may correct for as long as the book lives. */
  'desk-trades': 200_000,
  /** Delivery prices, by expiry. */
  deliveries: 50_000,
  /** Trades, orders, parents and fills on their way from a decision into positions. */
  'in-flight': 50_000,
  /** Newest commits of the aggregates that are written to. */
  heads: 400_000,
  /** Facts that the host found out for itself. */
  'host-facts': 100_000,
} as const;

export type KeptName = keyof typeof KEPT_MAX;

/** How many of each it is now; absent: none. */
export type Kept = Partial<Record<KeptName, number>>;
