import { viewOf } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { CommitDraft, DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { contentHashOf } from '@evenkeel/governance';
import { canonicalJson, formatInstant, parseDuration } from '@evenkeel/kernel';
import { demonstrationMarket, orderLimitsOf } from '@evenkeel/market';
import { runInProcess } from './in-process-run';
import type { LabRun, PolicyChange } from './in-process-run';
import { reexecuteDecisions } from '@evenkeel/engine';

const { tape, book } = demonstrationMarket('governed-limits', 2);
const HALF = tape.from + parseDuration('PT24H');
const narrow = {
  ...orderLimitsOf(book),
  maxOrderQuantity: book.hedge.instruments.map((instrument) => ({ instrument, maxQuantity: '0.0001' })),
};
const content = canonicalJson(narrow);
const common = {
  proposalId: 'p-1',
  kind: 'limits',
  scope: book.book,
  contentHash: contentHashOf(content),
} as const;
const evidence = { method: 'note', note: 'n' };

/** Proposal and approval as the desk appends them, a minute apart. */
function changes(approvedBy: string): PolicyChange[] {
  const proposed: DomainEvent = {
    type: 'ChangeProposed',
    payload: {
      ...common,
      content,
      baseHash: '',
      reason: 'drill',
      proposedBy: 'rita',
      at: '2026-07-01T10:00:00Z',
      expiresAt: '2026-07-01T11:00:00Z',
      evidence,
    },
  };
  const approved: DomainEvent = {
    type: 'ChangeApproved',
    payload: { ...common, approvedBy, at: '2026-07-01T10:30:00Z', evidence },
  };
  return [proposed, approved].map((event, index) => {
    const at = HALF + BigInt(index) * parseDuration('PT1M');
    const draft: CommitDraft = {
      aggregate: { context: 'governance', type: 'changes', id: book.book },
      book: book.book,
      eventTime: formatInstant(at),
      actor: { kind: 'human', id: index === 0 ? 'rita' : approvedBy },
      events: [event],
    };
    return { at, draft };
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
        expect(commit.config.limitsVersion).toBe(common.contentHash);
      }
    }
    for (const account of state.books.get(book.book)?.accounts.values() ?? [])
      expect(account).toMatchObject({ limits: narrow, limitsVersion: common.contentHash });
    expect(reexecuteDecisions(governed.journal.all).divergences).toEqual([]);
  });

  it('change nothing but the record where one person approved his own', () => {
    const alone = run(changes('rita'));
    expect(of(alone, 'LimitsSet')).toEqual([]);
    expect(of(alone, 'LimitsRefused')).toEqual([
      expect.objectContaining({ proposalId: 'p-1', approvedBy: 'rita', reasons: ['SAME_PERSON'] }),
    ]);
    expect(alone.decisionDigest).toBe(plain.decisionDigest);
    expect(of(alone, 'OrderFilled').length).toBe(of(plain, 'OrderFilled').length);
  });
});
