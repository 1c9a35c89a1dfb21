import type { GreekLimit } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import { termsIn } from '../execution-state';
import type { BookExecution, ExecutionState } from '../execution-state';
import type { TradableTerms } from '../tradable-terms';
import { workingOf } from '../hedge-order/queries';
import type { ProposedOrder } from './proposed-order';

const GREEK_DIGITS = 12;
const GREEKS = ['delta', 'gamma', 'vega'] as const;
type Greek = (typeof GREEKS)[number];

export interface GreekFinding {
  readonly name: `${Greek}-after`;
  readonly limit: string;
  readonly observed: string;
  readonly passed: boolean;
  readonly value?: Decimal;
}

/**
 * The book's Greeks in the order's underlying if every open order that goes the same way, and this one, were filled; on top of
 * risk's last snapshot and the fills that it does not count yet. Fails closed: what cannot be told passes no limit. A trade that
 * brings a Greek no further from zero passes.
 */
export function greeksAfter(
  state: ExecutionState,
  order: ProposedOrder,
  terms: TradableTerms,
  limits: readonly GreekLimit[],
): GreekFinding[] {
  return GREEKS.map((greek) => {
    const name = `${greek}-after` as const;
    const limit = limits.find((candidate) => candidate.greek === greek)?.max;
    if (limit === undefined) return { name, limit: 'none', observed: 'not asked', passed: true };
    const found = worstGreek(state, order, terms, greek);
    if (found === undefined) return { name, limit, observed: 'unknown', passed: false };
    const after = Decimal.ofNumber(found.after, GREEK_DIGITS);
    const further = after.abs().greaterThan(Decimal.ofNumber(Math.abs(found.before), GREEK_DIGITS));
    const passed = !after.abs().greaterThan(Decimal.parse(limit)) || !further;
    return { name, limit, observed: after.toString(), passed, value: after };
  });
}

function worstGreek(
  state: ExecutionState,
  order: ProposedOrder,
  terms: TradableTerms,
  greek: Greek,
): { readonly before: number; readonly after: number } | undefined {
  const book = state.books.get(order.book);
  const exposure = book?.risk.snapshot?.exposures.find(
    ({ underlying }) => underlying === terms.spec.underlying,
  );
  const unit = unitGreek(state, book, order.instrument, greek) ?? decidedUnit(order, greek);
  if (book === undefined || exposure === undefined || unit === undefined) return undefined;
  const own = signed(order) * unit;
  let before = exposure[greek];
  for (const { instrument, quantity } of book.risk.uncounted.values()) {
    if (termsIn(book, instrument)?.spec.underlying !== terms.spec.underlying) continue;
    const each = unitGreek(state, book, instrument, greek);
    if (each === undefined) return undefined;
    before += quantity.toNumber() * each;
  }
  for (const other of state.open.values()) {
    if (other.book !== order.book || other.clientOrderId === order.replaces?.clientOrderId) continue;
    if (termsIn(book, other.instrument)?.spec.underlying !== terms.spec.underlying) continue;
    const each = unitGreek(state, book, other.instrument, greek);
    if (each === undefined) return undefined;
    const change = (other.side === 'buy' ? 1 : -1) * workingOf(other).toNumber() * each;
    if (change > 0 === own > 0) before += change;
  }
  return { before, after: before + own };
}

function signed({ side, quantity }: ProposedOrder): number {
  return (side === 'buy' ? 1 : -1) * quantity.toNumber();
}

function decidedUnit(order: ProposedOrder, greek: Greek): number | undefined {
  if (greek !== 'delta' || order.delta === undefined || order.quantity.isZero()) return undefined;
  return order.delta / signed(order);
}

/** A Greek per contract: of linear contracts their size, of inverse ones USD ÷ price, of options what risk last valued. */
function unitGreek(
  state: ExecutionState,
  book: BookExecution | undefined,
  instrument: string,
  greek: Greek,
): number | undefined {
  const terms = book && termsIn(book, instrument);
  if (terms === undefined) return undefined;
  const { kind, inverse } = terms.spec;
  if (kind === 'option') {
    const leg = book?.risk.snapshot?.legs.find((candidate) => candidate.instrument === instrument);
    return leg === undefined ? undefined : leg[greek] / Decimal.parse(leg.quantity).toNumber();
  }
  if (greek !== 'delta') return 0;
  const size = terms.contractSize.toNumber();
  if (!inverse) return size;
  const price = state.prices.get(instrument)?.price;
  return price === undefined ? undefined : size / Decimal.parse(price).toNumber();
}
