import { subjectOf } from '@evenkeel/eventing';
import type { SealedCommit } from '@evenkeel/eventing';
import { toHex } from '@evenkeel/kernel';
import { FORGERIES, SignedEpoch, decisionDraft, honestDecision, keyNamed } from '@evenkeel/testkit';
import { FindingList } from '@evenkeel/verification';
import { AuthorVerifier } from '../audit/author-verifier';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { ledgerCommitOf } from './ledger-commit';
import type { JournalMessage } from './ledger-commit';
import { createLedgerWriter } from './ledger-writer';
import type { LedgerWriter } from './ledger-writer';

let cluster: LedgerCluster;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
});
afterAll(() => cluster.stop());

const epoch = new SignedEpoch('7');
const opening = epoch.opening();
const deskKey = epoch.deskKey;
const place = (seq: number, sealed: SealedCommit, subject?: string): JournalMessage => ({
  seq,
  bytes: sealed.bytes,
  subject: subject ?? subjectOf(sealed.commit.partition, sealed.commit.aggregate),
});

describe('the ledger, before what somebody may not say', () => {
  it.each(FORGERIES)('refuses $name, and keeps it with the reason', async (forgery) => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '7', deskKey });
    const head = { version: opening.commit.toVersion, hash: opening.hash, seq: 1 };
    const before = [place(1, opening)];
    if (forgery.removed !== undefined)
      before.push(place(2, epoch.rotation([epoch.removal(forgery.removed)], head)));
    const seq = before.length + 1;
    // The ledger held these two against the stream before there were signatures.
    const known = ['AUTHORS.WRONG_SUBJECT', 'AUTHORS.WRONG_EPOCH'];
    const code = known.includes(forgery.code) ? forgery.code.replace('AUTHORS', 'LEDGER') : forgery.code;
    await expect(
      writer.append([...before, place(seq, forgery.forge(epoch), forgery.subject)]),
    ).rejects.toMatchObject({ code, seq });
    const { rows } = await pool.query('SELECT seq, code FROM ledger.quarantine');
    expect(rows).toEqual([{ seq, code }]);
    const taken = await pool.query('SELECT count(*)::int AS count FROM ledger.commit_log');
    expect(taken.rows).toEqual([{ count: before.length }]);
    await writer.close();
  });

  it('knows the keys again after a restart, from what it took over', async () => {
    const pool = (await cluster.database()).pool();
    const next = async (work: (writer: LedgerWriter) => Promise<unknown>): Promise<void> => {
      const writer = createLedgerWriter(pool, { epoch: '7', deskKey });
      await work(writer);
      await writer.close();
    };
    await next((writer) => writer.append([place(1, opening)]));
    await next((writer) => writer.append([place(2, honestDecision(epoch))]));
    const head = { version: opening.commit.toVersion, hash: opening.hash, seq: 1 };
    const events = [epoch.enrolment('strategy', keyNamed('the next')), epoch.removal('strategy')];
    await next((writer) => writer.append([place(3, epoch.rotation(events, head))]));
    const later = decisionDraft('b', 'd', '2026-01-01T00:00:00Z');
    await next((writer) =>
      writer.append([place(4, epoch.seal(later, 'the next', { producer: 'strategy' }))]),
    );
    const gone = decisionDraft('c', 'd', '2026-01-01T00:00:00Z');
    await next((writer) =>
      expect(writer.append([place(5, epoch.seal(gone, 'strategy'))])).rejects.toMatchObject({
        code: 'AUTHORS.REMOVED_KEY',
      }),
    );
    const { rows } = await pool.query(
      `SELECT decoded->'signature'->>'keyId' AS key FROM ledger.commit_log ORDER BY seq`,
    );
    expect(new Set(rows.map(({ key }: { key: string }) => key)).size).toBe(3);
  });

  it('refuses an epoch that another desk opened', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '7', deskKey: keyNamed('another desk').publicKey });
    await expect(writer.append([place(1, opening)])).rejects.toMatchObject({
      code: 'AUTHORS.ENROLMENT_INVALID',
    });
    await writer.close();
  });
});

describe('a verifier, before rows that an owner of the database put there', () => {
  const elsewhere = ['AUTHORS.WRONG_SUBJECT', 'AUTHORS.WRONG_EPOCH'];

  it.each(FORGERIES.filter(({ code }) => !elsewhere.includes(code)))('names $name', async (forgery) => {
    const pool = (await cluster.database()).pool();
    const client = await pool.connect();
    try {
      const findings = new FindingList();
      const verifier = new AuthorVerifier(client, findings, []);
      const head = { version: opening.commit.toVersion, hash: opening.hash, seq: 1 };
      const rows = [opening];
      if (forgery.removed !== undefined) rows.push(epoch.rotation([epoch.removal(forgery.removed)], head));
      rows.push(forgery.forge(epoch));
      for (const [at, { bytes }] of rows.entries()) await verifier.push(ledgerCommitOf('7', at + 1, bytes));
      expect(findings.findings).toMatchObject([{ epoch: '7', seq: rows.length, code: forgery.code }]);
      const deskKeyHex = toHex(deskKey);
      expect(verifier.finish()).toEqual([{ epoch: '7', deskKey: deskKeyHex, commits: rows.length - 1 }]);
    } finally {
      client.release();
    }
  });
});
