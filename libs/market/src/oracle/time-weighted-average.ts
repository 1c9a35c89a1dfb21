import type { Instant, Nanoseconds } from '@evenkeel/kernel';

/** A price that held from `at` until the next entry. */
interface Span {
  readonly at: Instant;
  readonly value: number;
}

export interface PriceHistory {
  readonly spans: readonly Span[];
}

export const NO_HISTORY: PriceHistory = { spans: [] };

const SPANS_MAX = 4096;

/** The history with a price that holds from `at`; what ended before the window is let go. */
export function extendHistory(
  history: PriceHistory,
  at: Instant,
  value: number,
  windowNs: Nanoseconds,
): PriceHistory {
  const last = history.spans[history.spans.length - 1];
  if (last !== undefined && (at < last.at || last.value === value)) return history;
  const spans = last !== undefined && last.at === at ? history.spans.slice(0, -1) : history.spans;
  const from = at - windowNs;
  // The span that was running when the window begins is still needed.
  let first = 0;
  while (first + 1 < spans.length && (spans[first + 1]?.at ?? at) <= from) first += 1;
  const kept = spans.slice(Math.max(first, spans.length - SPANS_MAX + 1));
  return { spans: [...kept, { at, value }] };
}

/** Mean of the price over the window that ends at `now`, weighted by how long each held. `undefined` before the first price. */
export function timeWeightedAverage(
  history: PriceHistory,
  now: Instant,
  windowNs: Nanoseconds,
): number | undefined {
  const from = now - windowNs;
  let weight = 0;
  let total = 0;
  history.spans.forEach((span, index) => {
    const end = history.spans[index + 1]?.at ?? now;
    const start = span.at > from ? span.at : from;
    if (end <= start) return;
    const held = Number(end - start);
    weight += held;
    total += held * span.value;
  });
  return weight > 0 ? total / weight : history.spans[history.spans.length - 1]?.value;
}
