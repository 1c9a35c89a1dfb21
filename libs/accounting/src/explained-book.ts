import type { DomainEvent, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal, assert } from '@evenkeel/kernel';
import { noActivity, noteActivity } from './activity';
import type { Activity } from './activity';
import { NOTHING, grossOf, plusTerms } from './attribution-terms';
import type { Terms } from './attribution-terms';
import { withContract } from './journal-entries';
import type { ContractLookup } from './journal-entries';
import { attributePnl, beginningOf } from './pnl-attribution';
import type { UnderlyingPnl } from './pnl-attribution';

/** Where the P&L came from that one underlying brought a book on one day. Exact, in the numeraire. */
export interface ExplainedDay {
  readonly book: string;
  readonly numeraire: string;
  /** UTC day in which the intervals ended, `2026-01-05`. */
  readonly day: string;
  readonly underlying: string;
  readonly terms: Terms<Decimal>;
  /** Σ of the terms. */
  readonly total: Decimal;
  /** Σ of all terms' sizes, interval by interval. */
  readonly gross: Decimal;
  /** Σ|residual|, interval by interval. */
  readonly unexplained: Decimal;
}

/** A fill of an order older than this many of its book is told without the price that its decision saw. */
export const REFERENCES_MAX = 512;

/**
 * Explains a book's P&L as a fold over its events in the order of the record: from what it was opened with to its first
 * snapshot (from that snapshot on, where the book comes from another epoch), and then from one snapshot without unpriced legs to the next. It holds one snapshot, what happened since, the prices
 * of its newest orders and the newest day, however long the record; from those it goes on after a restart (`resume`).
 */
export class ExplainedBook {
  private readonly references = new Map<string, number>();
  private activity: Activity = noActivity();
  private last: RiskSnapshotTaken | undefined;
  private broughtForward = false;
  private day = '';
  private readonly underlyings = new Map<string, ExplainedDay>();

  constructor(
    readonly book: string,
    readonly numeraire: string,
    private contracts: ContractLookup,
  ) {}

  /** Takes any event of the book but its snapshots; those without meaning here are ignored. */
  note(event: DomainEvent): void {
    assert(event.type !== 'RiskSnapshotTaken', 'a snapshot ends an interval');
    if (event.type === 'BookCarried') this.broughtForward = true;
    if (event.type === 'OrderIntended')
      this.noteOrder(event.payload.clientOrderId, Number(event.payload.referencePrice));
    if (event.type === 'PositionAdopted' && event.payload.specification !== undefined)
      this.contracts = withContract(this.contracts, event.payload.specification);
    noteActivity(this.activity, event, {
      contracts: this.contracts,
      referenceOf: (clientOrderId) => this.references.get(clientOrderId),
      before: this.last,
    });
  }

  /** The price that an order was decided on; the newest orders are remembered. */
  noteOrder(clientOrderId: string, referencePrice: number): void {
    this.references.set(clientOrderId, referencePrice);
    if (this.references.size <= REFERENCES_MAX) return;
    const [oldest] = this.references.keys();
    if (oldest !== undefined) this.references.delete(oldest);
  }

  /** Ends an interval: the rows of the day that it changed. Nothing while a leg has no price: the interval goes on. */
  explain(snapshot: RiskSnapshotTaken): readonly ExplainedDay[] {
    if (snapshot.unpriced.length > 0) return [];
    // What came before was explained in the epoch that it happened in; the market between the two is in no interval.
    if (this.broughtForward && this.last === undefined) {
      this.resume(snapshot, []);
      return [];
    }
    const parts = attributePnl(this.last ?? beginningOf(snapshot), snapshot, this.activity, this.contracts);
    this.last = snapshot;
    this.activity = noActivity();
    const day = snapshot.at.slice(0, 'YYYY-MM-DD'.length);
    if (day > this.day) {
      this.day = day;
      this.underlyings.clear();
    }
    return parts.map((part) => this.addToDay(part));
  }

  /** Goes on after a snapshot on record without unpriced legs, with the rows of the newest day. */
  resume(snapshot: RiskSnapshotTaken, newest: readonly ExplainedDay[]): void {
    this.last = snapshot;
    this.activity = noActivity();
    for (const row of newest) {
      this.day = row.day;
      this.underlyings.set(row.underlying, row);
    }
  }

  private addToDay({ underlying, terms, total }: UnderlyingPnl): ExplainedDay {
    const { book, numeraire, day } = this;
    const fresh = { terms: NOTHING, total: Decimal.ZERO, gross: Decimal.ZERO, unexplained: Decimal.ZERO };
    const before = this.underlyings.get(underlying) ?? { book, numeraire, day, underlying, ...fresh };
    const row: ExplainedDay = {
      ...before,
      terms: plusTerms(before.terms, terms),
      total: before.total.plus(total),
      gross: before.gross.plus(grossOf(terms)),
      unexplained: before.unexplained.plus(terms.residual.abs()),
    };
    this.underlyings.set(underlying, row);
    return row;
  }
}
