import { EVENT_TABLE, nothing } from '@evenkeel/facts';
import type { DomainEvent, EventType } from '@evenkeel/facts';
import { everyEvent } from '@evenkeel/testkit';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { ledgerCommitOf } from '../ledger/ledger-commit';
import { ProjectionMemory } from './projection-memory';
import { Projector } from './projector';
import { RowBatch } from './row-batch';

const commits = sampleJournal({ seed: 'projections', steps: 0, books: [], everyEvent: true }).map(
  ({ seq, bytes }) => ledgerCommitOf('1', seq, bytes),
);
const projector = new Projector(new ProjectionMemory());

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
