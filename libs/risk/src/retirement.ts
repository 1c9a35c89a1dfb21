import type { Kept } from '@evenkeel/facts';
import { forgottenUpTo } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { RiskState } from './state';

/**
 * Forgets which fills and trades of a day ago were applied: execution tells none of them again, since it knows each for as long
 * as its venue may repeat it.
 */
export function retire(state: RiskState): void {
  const hour = state.now.slice(0, '2026-01-05T09'.length);
  if (hour === state.hour) return;
  state.hour = hour;
  const upTo = forgottenUpTo(parseInstant(state.now));
  for (const book of Object.values(state.books)) {
    book.appliedFills = youngerThan(book.appliedFills, upTo);
    book.adoptedTrades = youngerThan(book.adoptedTrades, upTo);
  }
}

function youngerThan(times: Record<string, string>, upTo: Instant): Record<string, string> {
  const all = Object.entries(times);
  const young = all.filter(([, at]) => parseInstant(at) > upTo);
  return young.length === all.length ? times : Object.fromEntries(young);
}

export function keptBy(state: RiskState): Kept {
  const count = (record: object): number => Object.keys(record).length;
  let [applied, due, trades, deliveries] = [0, 0, 0, 0];
  for (const book of Object.values(state.books)) {
    applied += count(book.appliedFills) + count(book.adoptedTrades);
    due += book.dueFills.length + book.dueForeignTrades.length + book.dueFundings.length;
    trades += count(book.trades);
    deliveries += count(book.deliveries);
  }
  return {
    'applied-fills': applied,
    'due-changes': due,
    'desk-trades': trades,
    deliveries,
    'open-requests': state.requests.length,
    marks: count(state.marks),
  };
}
