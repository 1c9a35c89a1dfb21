import { sealCommit } from '@evenkeel/contracts';
import { DeskFold, lineageOf, sealBoot } from '@evenkeel/engine';
import type { SealedCommit } from '@evenkeel/eventing';
import type { CommitDraft, EpochCarried } from '@evenkeel/facts';
import { toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { checkCarriedEpochs } from './carried-epochs';
import type { AuditedCommit } from './verification-ports';

const { tape, book } = busyDemonstration('verify-carried', 1);
const old = runInProcess({
  tape,
  books: [{ file: book, source: 'the demonstration book' }],
}).journal.all.slice(0, 200);
const at = '2026-07-01T08:00:00Z';

/** Epoch 2 takes over from epoch 1, as `alter` would have it. */
function ledgerOf(alter: (drafts: readonly CommitDraft[]) => readonly CommitDraft[], held = old.length) {
  const fold = new DeskFold();
  for (const { commit } of old) fold.take(commit);
  const desk = fold.carried({ fromEpoch: '1', at: fold.eventTimeText, lineage: lineageOf('1', at) });
  const last = old[old.length - 1];
  const payload: EpochCarried = {
    at,
    fromEpoch: '1',
    lastSequence: String(old.length),
    lastHash: toHex(last?.hash ?? new Uint8Array()),
    treeSize: String(old.length),
    rootHash: '',
    checkpoint: '',
    carriedBy: 'ann',
    reason: 'drill',
    code: 'test',
    facts: desk.drafts.length,
    factsHash: desk.hash,
    givenUp: [],
  };
  const first: CommitDraft = {
    aggregate: { context: 'governance', type: 'epoch', id: '2' },
    book: 'firm',
    eventTime: fold.eventTimeText,
    actor: { kind: 'human', id: 'ann' },
    events: [{ type: 'EpochCarried', payload }],
  };
  const producer = { service: 'keel', version: '0', gitSha: '', kernelHash: '' };
  const sealed = sealBoot([first, ...alter(desk.drafts)], '2', producer, sealCommit, 1n);
  const rows = new Map<string, readonly SealedCommit[]>([
    ['1', old],
    ['2', sealed],
  ]);
  return {
    takenOver: () =>
      Promise.resolve(
        new Map([
          ['1', held],
          ['2', sealed.length],
        ]),
      ),
    async *commitsBetween(epoch: string, from: number, to: number): AsyncIterable<AuditedCommit> {
      const all = rows.get(epoch) ?? [];
      for (const [index, { commit, bytes, hash }] of all.entries())
        if (index + 1 >= from && index + 1 <= to)
          yield await Promise.resolve({ epoch, seq: index + 1, commit, bytes, hash });
    },
  };
}

function richer(draft: CommitDraft): CommitDraft {
  const events = draft.events.map((event) =>
    event.type === 'BookCarried' ? { ...event, payload: { ...event.payload, settled: '1000000' } } : event,
  );
  return { ...draft, events };
}

describe('an epoch that took over from another one', () => {
  it('is clean when it says what that one left', async () => {
    expect(await checkCarriedEpochs(ledgerOf((drafts) => drafts))).toEqual([]);
  });

  it.each<[string, (drafts: readonly CommitDraft[]) => readonly CommitDraft[], string]>([
    ['a book that is richer than it was', (drafts) => drafts.map(richer), 'is not what epoch 1 left'],
    ['something that is missing', (drafts) => drafts.slice(1), 'is not taken over'],
    [
      'something that never was',
      (drafts) => [
        ...drafts,
        ...drafts.slice(0, 1).map((draft) => ({ ...draft, aggregate: { ...draft.aggregate, id: 'eve' } })),
      ],
      'is nothing that epoch 1 left',
    ],
  ])('is found out over %s', async (_what, alter, message) => {
    const findings = await checkCarriedEpochs(ledgerOf(alter));
    expect(findings).toMatchObject([{ epoch: '2', code: 'LEDGER.CARRIED_DIFFERS' }]);
    expect(findings[0]?.message).toContain(message);
  });

  it('is found out when the ledger holds more of the other epoch than was taken over', async () => {
    const findings = await checkCarriedEpochs(ledgerOf((drafts) => drafts, old.length + 3));
    expect(findings[0]?.message).toContain(`of which the ledger holds ${old.length + 3} commits`);
  });
});
