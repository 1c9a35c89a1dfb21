import type { GreekLimit } from '@evenkeel/facts';
import { linearGreeks } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { greekMarketIn } from '@evenkeel/risk';
import { contractIn } from '../execution-state';
import type { BookExecution, ExecutionState } from '../execution-state';
import { workingOf } from '../hedge-order/queries';
import { livingOf } from '../living-orders';
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
  contract: Contract,
  limits: readonly GreekLimit[],
): GreekFinding[] {
  return GREEKS.map((greek) => {
    const name = `${greek}-after` as const;
    const limit = limits.find((candidate) => candidate.greek === greek)?.max;
    if (limit === undefined) return { name, limit: 'none', observed: 'not asked', passed: true };
    const found = worstGreek(state, order, contract, greek);
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
  contract: Contract,
  greek: Greek,
): { readonly before: number; readonly after: number } | undefined {
  const book = state.books.get(order.book);
  const exposure = book?.risk.snapshot?.exposures.find(
    ({ underlying }) => underlying === contract.underlying,
  );
  const unit = unitGreek(state, book, order.instrument, greek) ?? decidedUnit(order, greek);
  if (book === undefined || exposure === undefined || unit === undefined) return undefined;
  const own = signed(order) * unit;
  let before = exposure[greek];
  for (const { instrument, quantity } of book.risk.uncounted.values()) {
    if (contractIn(book, instrument)?.underlying !== contract.underlying) continue;
    const each = unitGreek(state, book, instrument, greek);
    if (each === undefined) return undefined;
    before += quantity.toNumber() * each;
  }
  for (const other of livingOf(book)) {
    if (other.clientOrderId === order.replaces?.clientOrderId) continue;
    if (contractIn(book, other.instrument)?.underlying !== contract.underlying) continue;
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

/**
 * What one contract brings of a Greek: of options as risk's last snapshot says, of everything else at the last price seen.
 * Undefined where that says nothing; a limit on it then lets nothing pass.
 */
function unitGreek(
  state: ExecutionState,
  book: BookExecution | undefined,
  instrument: string,
  greek: Greek,
): number | undefined {
  const contract = book && contractIn(book, instrument);
  const snapshot = book?.risk.snapshot;
  if (contract === undefined || snapshot === undefined) return undefined;
  if (contract.kind === 'option')
    return snapshot.legs.find((leg) => leg.instrument === instrument)?.perContract?.[greek];
  const price = state.prices.get(instrument)?.price;
  const market = greekMarketIn(snapshot, contract.underlying);
  if (price === undefined || market === undefined) return undefined;
  return linearGreeks(contract, Number(price), market)[greek];
}
