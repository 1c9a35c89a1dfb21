import { viewOf } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { CommitDraft, DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { canonicalJson, formatInstant, parseDuration } from '@evenkeel/kernel';
import { orderLimitsOf } from '@evenkeel/market';
import { busyDemonstration } from '@evenkeel/testkit';
import { DESK, statementsOf } from '../../governance/src/people.test-support';
import type { Statements } from '../../governance/src/people.test-support';
import { runInProcess } from './in-process-run';
import type { LabRun, PolicyChange } from './in-process-run';
import { reexecuteJournal } from '@evenkeel/engine';

const { tape, book } = busyDemonstration('governed-limits', 2);
const HALF = tape.from + parseDuration('PT24H');
const narrow = {
  ...orderLimitsOf(book),
  maxOrderQuantity: book.hedge.instruments.map((instrument) => ({ instrument, maxQuantity: '0.0001' })),
};
const content = canonicalJson(narrow);
const MINUTE = parseDuration('PT1M');
const time = (minutes: bigint): string => formatInstant(HALF + minutes * MINUTE);
const statements = (approver: string): Statements =>
  statementsOf({
    kind: 'limits',
    scope: book.book,
    content,
    by: 'rita',
    approver,
    proposedAt: time(0n),
    approvedAt: time(1n),
  });
const { contentHash } = statements('ruth').approved;

/** The roster, and then proposal and approval as the desk appends them, a minute apart. */
function changes(approvedBy: string): PolicyChange[] {
  const { proposed, approved } = statements(approvedBy);
  const said: readonly (readonly [bigint, string, string, DomainEvent])[] = [
    [-1n, 'identities', 'local', { type: 'GovernanceOpened', payload: { at: time(-1n), enrolments: DESK } }],
    [0n, 'changes', 'rita', { type: 'ChangeProposed', payload: proposed }],
    [1n, 'changes', approvedBy, { type: 'ChangeApproved', payload: approved }],
  ];
  return said.map(([minutes, type, by, event]) => {
    const draft: CommitDraft = {
      aggregate: { context: 'governance', type, id: book.book },
      book: book.book,
      eventTime: time(minutes),
      actor: { kind: 'human', id: by },
      events: [event],
    };
    return { at: HALF + minutes * MINUTE, draft };
  });
}

const run = (wanted: PolicyChange[]): LabRun =>
  runInProcess({ tape, books: [{ file: book, source: 'the demonstration book' }], changes: wanted });

type Said<T extends EventType> = EventOf<T>['payload'] & { readonly seq: number };

function of<T extends EventType>({ journal }: LabRun, type: T): Said<T>[] {
  return journal.all.flatMap(
    ({ seq, commit }) =>
      commit.events.flatMap(({ event }) =>
        event.type === type ? [{ ...event.payload, seq } as unknown as Said<T>] : [],
      ), // its type was just seen
  );
}

describe('limits approved while a run goes on', () => {
  const plain = run([]);
  const governed = run(changes('ruth'));

  it('refuse from the next order on, and nothing before', () => {
    expect(of(plain, 'OrderRefused')).toEqual([]);
    const set = of(governed, 'LimitsSet');
    expect(set.map(({ venue }) => venue)).toEqual(
      of(governed, 'VenueAccountOpened').map(({ venue }) => venue),
    );
    expect(set[0]).toMatchObject({ limits: narrow, approval: { proposedBy: 'rita', approvedBy: 'ruth' } });
    const since = set[0]?.seq ?? 0;
    const later = of(plain, 'OrderIntended').filter(({ seq }) => seq > since);
    expect(later.length).toBeGreaterThan(5);
    expect(of(governed, 'OrderIntended').filter(({ seq }) => seq > since)).toEqual([]);
    const refused = of(governed, 'OrderRefused');
    expect(refused.length).toBeGreaterThan(5);
    for (const { reasons, seq } of refused) {
      expect(reasons).toContain('ORDER_QUANTITY');
      expect(seq).toBeGreaterThan(since);
    }
  });

  it('are caused by the approval, and stand in what the record alone gives', () => {
    const approval = governed.journal.all.find(({ commit }) =>
      commit.events.some(({ event }) => event.type === 'ChangeApproved'),
    );
    const core = createOrderCore();
    let state = core.initial();
    for (const { commit } of governed.journal.all) {
      if (commit.aggregate.context === 'execution') state = core.evolve(state, viewOf(commit));
      if (commit.events.some(({ event }) => event.type === 'LimitsSet')) {
        expect(commit.causation.commitId).toBe(approval?.commit.commitId);
        expect(commit.config.limitsVersion).toBe(contentHash);
      }
    }
    for (const account of state.books.get(book.book)?.accounts.values() ?? [])
      expect(account).toMatchObject({ limits: narrow, limitsVersion: contentHash });
    expect(reexecuteJournal(governed.journal.all).divergences).toEqual([]);
  });

  it('change nothing but the record where one person approved his own', () => {
    const alone = run(changes('rita'));
    expect(of(alone, 'LimitsSet')).toEqual([]);
    expect(of(alone, 'LimitsRefused')).toEqual([
      expect.objectContaining({ approvedBy: 'rita', reasons: ['SAME_PERSON'] }),
    ]);
    expect(alone.decisionDigest).toBe(plain.decisionDigest);
    expect(of(alone, 'OrderFilled').length).toBe(of(plain, 'OrderFilled').length);
  });
});
