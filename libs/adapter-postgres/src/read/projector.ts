import { postingsOf } from '@evenkeel/accounting';
import type { JournalEntry, ContractLookup } from '@evenkeel/accounting';
import type { DomainEvent, EventTypeWith, ProjectedTable } from '@evenkeel/facts';
import { Decimal, sum } from '@evenkeel/kernel';
import { LedgerFault } from '../ledger/faults';
import type { LedgerCommit } from '../ledger/ledger-commit';
import type { EventPlace, Projected, Projections } from './event-place';
import { incidentOf } from './incidents';
import { BOOK_PROJECTIONS } from './project-book';
import { DESK_PROJECTIONS } from './project-desk';
import { ORDER_PROJECTIONS } from './project-order';
import type { ProjectorMemory } from './projector-memory';
import type { RowSink } from './row-batch';

/** The double entries of an event; by default those of libs/accounting. */
export type EntriesOf = (event: DomainEvent, terms: ContractLookup | undefined) => readonly JournalEntry[];

/** One for every event whose row in `EVENT_TABLE` names tables. */
const PROJECTIONS: Projections<EventTypeWith<'projection'>> = {
  ...BOOK_PROJECTIONS,
  ...ORDER_PROJECTIONS,
  ...DESK_PROJECTIONS,
};

/** A projection whose event is only known when it comes. */
type AnyProjection = (event: DomainEvent, to: Projected<ProjectedTable>) => void;

function projectionOf({ type }: DomainEvent): AnyProjection | undefined {
  // The function of a type takes the event of that type; the compiler loses the pair over a union.
  return type in PROJECTIONS ? (PROJECTIONS[type as keyof typeof PROJECTIONS] as AnyProjection) : undefined;
}

/**
 * Turns commits into rows of the read models. Pure but for its memory: the same commits give the same rows in whatever
 * batches they come, which is what makes a rebuild identical.
 */
export class Projector {
  constructor(
    private readonly memory: ProjectorMemory,
    private readonly entriesOf: EntriesOf = postingsOf,
  ) {}

  /** Throws `LEDGER.UNPROJECTABLE` naming the sequence when an event makes no sense to the books. */
  apply(commit: LedgerCommit, batch: RowSink): void {
    commit.commit.events.forEach(({ event }, index) => {
      const place: EventPlace = { epoch: commit.epoch, seq: commit.seq, index, commit };
      try {
        this.applyEvent(event, place, batch);
        // A snapshot's own projection takes it in.
        if (event.type !== 'RiskSnapshotTaken')
          this.memory.explained(place.epoch, commit.commit.book)?.note(event);
        this.applyEntries(event, place, batch);
      } catch (cause) {
        if (cause instanceof LedgerFault) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        const message = `${event.type} cannot be projected: ${reason}`;
        throw new LedgerFault('LEDGER.UNPROJECTABLE', commit.epoch, commit.seq, message, cause);
      }
    });
  }

  private applyEvent(event: DomainEvent, place: EventPlace, batch: RowSink): void {
    const incident = incidentOf(event, place);
    if (incident !== undefined) batch.add('incidents', incident);
    projectionOf(event)?.(event, {
      place,
      memory: this.memory,
      add: (table, row) => batch.add(table, row),
      set: (table, key, make) => batch.set(table, key, make),
      patch: (table, columns) => batch.patch(table, columns),
    });
  }

  private applyEntries(event: DomainEvent, place: EventPlace, batch: RowSink): void {
    const { book } = place.commit.commit;
    this.entriesOf(event, this.memory.terms(place.epoch, book)).forEach((entry, number) => {
      assertBalanced(entry, place);
      const { epoch, seq, index } = place;
      const entryId = `${seq}.${index}.${number}`;
      batch.add('journal_entries', {
        epoch,
        entry_id: entryId,
        seq,
        book: entry.book,
        at: entry.at,
        event_type: entry.eventType,
        instrument: entry.instrument,
      });
      entry.lines.forEach(({ account, currency, amount }, line) => {
        const posting = { epoch, entry_id: entryId, line, book: entry.book };
        batch.add('postings', { ...posting, account, currency, amount });
      });
    });
  }
}

function assertBalanced(entry: JournalEntry, place: EventPlace): void {
  for (const currency of new Set(entry.lines.map((line) => line.currency))) {
    const lines = entry.lines.filter((line) => line.currency === currency);
    const left = sum(lines.map((line) => Decimal.parse(line.amount)));
    if (left.isZero()) continue;
    const message = `the entry of ${entry.eventType} leaves ${left.toString()} ${currency} over`;
    throw new LedgerFault('LEDGER.UNPROJECTABLE', place.epoch, place.seq, message);
  }
}
