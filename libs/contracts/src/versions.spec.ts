import { EVENT_TABLE } from '@evenkeel/facts';
import type { DomainEvent, EventEntry } from '@evenkeel/facts';
import { commitOf } from '@evenkeel/testkit';
import { decodeCommit, encodeCommit } from './commit-codec';
import { UPCASTERS } from './upcast';
import type { Upcaster } from './upcast';

const row: EventEntry = EVENT_TABLE.KillEngaged;
const upcasters = UPCASTERS as Record<string, Upcaster>; // planted here, and taken out again

/** Planted: once, a kill named its scope without a kind; version 2 writes `book:<id>`, version 3 adds who. */
function release(version: number): void {
  jest.replaceProperty(row, 'version', version);
  upcasters['KillEngaged@1'] = (older) => ({ ...older, scope: `book:${String(older['scope'])}` });
  upcasters['KillEngaged@2'] = (older) => ({ ...older, by: older['by'] === '' ? 'unknown' : older['by'] });
}

afterEach(() => {
  jest.restoreAllMocks();
  for (const name of Object.keys(upcasters)) if (name.startsWith('KillEngaged@')) delete upcasters[name];
});

const kill = (scope: string, by = ''): DomainEvent => ({
  type: 'KillEngaged',
  payload: { scope, by, reason: 'r', at: '2026-01-01T00:00:00Z' },
});

/** What the release of the day publishes. */
function published(event: DomainEvent): Uint8Array {
  const aggregate = { context: 'execution', type: 'kill-switch', id: 'b-1' } as const;
  const actor = { kind: 'human', id: 'ann' } as const;
  return encodeCommit(
    commitOf({ aggregate, book: 'b-1', eventTime: '2026-01-01T00:00:00Z', actor, events: [event] }),
  );
}

const read = (bytes: Uint8Array): DomainEvent | undefined => decodeCommit(bytes).events[0]?.event;

describe('a version change of an event', () => {
  it('lifts what the old release wrote once, and leaves alone what the new one writes', () => {
    const old = published(kill('b-1'));
    release(2);
    const fresh = published(kill('book:b-1'));
    expect(read(old)).toEqual(kill('book:b-1'));
    expect(read(fresh)).toEqual(kill('book:b-1'));
    expect(decodeCommit(fresh).events[0]?.version).toBe(2);
  });

  it('lifts step by step over several releases', () => {
    const first = published(kill('b-1'));
    release(2);
    const second = published(kill('book:b-1'));
    release(3);
    expect(read(first)).toEqual(kill('book:b-1', 'unknown'));
    expect(read(second)).toEqual(kill('book:b-1', 'unknown'));
    expect(read(published(kill('book:b-1', 'ann')))).toEqual(kill('book:b-1', 'ann'));
  });

  it('is refused where a step is missing, and so is an event of a later release', () => {
    const first = published(kill('b-1'));
    release(3);
    const third = published(kill('book:b-1', 'ann'));
    delete upcasters['KillEngaged@1'];
    expect(() => read(first)).toThrow('KillEngaged version 1 is not known');
    jest.restoreAllMocks();
    expect(() => read(third)).toThrow('KillEngaged version 3 is not known');
  });
});
