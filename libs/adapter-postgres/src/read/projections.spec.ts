import { EVENT_TABLE, nothing } from '@evenkeel/facts';
import type { DomainEvent, EventType } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import { everyEvent } from '@evenkeel/testkit';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { ledgerCommitOf } from '../ledger/ledger-commit';
import type { LedgerCommit } from '../ledger/ledger-commit';
import { ProjectionMemory } from './projection-memory';
import { Projector } from './projector';
import { RowBatch } from './row-batch';

const commits = sampleJournal({ seed: 'projections', steps: 0, books: [], everyEvent: true }).map(
  ({ seq, bytes }) => whole(ledgerCommitOf('1', seq, bytes)),
);
const projector = new Projector(new ProjectionMemory());

/** P&L is explained between snapshots in which everything has a price. */
function whole(read: LedgerCommit): LedgerCommit {
  const events = read.commit.events.map((sealed) => {
    const { event } = sealed;
    if (event.type !== 'RiskSnapshotTaken') return sealed;
    const [mark] = event.payload.marks;
    const spot = { ...required(mark, 'a mark'), instrument: 'BTC@composite' };
    const payload = { ...event.payload, unpriced: [], marks: [...event.payload.marks, spot] };
    return { ...sealed, event: { ...event, payload } };
  });
  return { ...read, commit: { ...read.commit, events } };
}

/** The tables that an event of each type left a mark in, orders before what happens to them. */
function marks(): ReadonlyMap<EventType, readonly string[]> {
  const isFirst = ({ type }: DomainEvent): boolean => type === 'OrderIntended' || type === 'BookOpened';
  const inOrder = [...commits].sort(
    (a, b) =>
      Number(b.commit.events.some(({ event }) => isFirst(event))) -
      Number(a.commit.events.some(({ event }) => isFirst(event))),
  );
  return new Map(
    inOrder.flatMap((commit) =>
      commit.commit.events.map(({ event }) => {
        const batch = new RowBatch();
        projector.apply(commit, batch);
        return [event.type, [...batch.tables()].map(({ table }) => table.name)] as const;
      }),
    ),
  );
}

describe('the read models', () => {
  const found = marks();

  it.each(everyEvent().map(({ type }) => [type] as const))(
    'hold of %s what the table says, and no more',
    (type) => {
      const { projection, incident, postings } = EVENT_TABLE[type];
      const expected = [
        ...(projection === nothing ? [] : projection),
        ...(incident === nothing ? [] : ['incidents']),
        ...(postings === nothing ? [] : ['journal_entries', 'postings']),
      ];
      expect([...(found.get(type) ?? [])].sort()).toEqual(expected.sort());
    },
  );
});
