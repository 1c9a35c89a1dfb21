import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  JetStreamEventLog,
  PeopleJournal,
  connectNats,
  currentEpoch,
  deadLetters,
} from '@evenkeel/adapter-nats';
import { ReadModels, createLedgerPool, rebuildReadModels, verifyLedger } from '@evenkeel/adapter-postgres';
import { GovernanceJournal, judge, propose, quarantineMessage } from '@evenkeel/desk';
import type { GovernanceStore } from '@evenkeel/desk';
import { runInProcess } from '@evenkeel/lab';
import { quarantineOf } from '@evenkeel/governance';
import { wallNanoseconds } from '@evenkeel/host';
import { parseInstant, partitionOf, required } from '@evenkeel/kernel';
import { BUSY_POLICY } from '@evenkeel/testkit';
import { evidenceFor } from '../governance/evidence';
import { Roster } from '../governance/roster';
import { CommitKeyring } from '../identity/commit-keyring';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import { loadRunInputs } from './inputs';
import type { RunInputs } from './inputs';
import { ProgressLine } from './progress-line';
import { ServiceRun } from './service-run';

const [SPOILED, OTHER] = ['desk-0', 'desk-1'] as const;
/** Event seconds per second: the day lasts long enough for people to be asked. */
const SPEED = 5_000;

function twoBooks(): RunInputs {
  const inputs = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'quarantine', days: 1 });
  const like = required(inputs.books[0], 'the book of the built-in market');
  expect(partitionOf(SPOILED)).not.toBe(partitionOf(OTHER));
  const books = [SPOILED, OTHER].map((book) => ({ ...like, file: { ...like.file, book } }));
  return { ...inputs, books };
}

describe('messages on the subjects of a book that nobody can believe', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-quarantine-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('stop its partition alone until two people have quarantined them; then everybody goes on, and comes back, over them', async () => {
    const home = homeOf({ EK_HOME: dir });
    const roster = new Roster(home.governance);
    roster.add({ identity: 'ada', roles: ['administrator'] });
    roster.add({ identity: 'ben', roles: ['administrator'] });
    roster.add({ identity: 'rita', roles: ['risk-officer'] });
    roster.add({ identity: 'ruth', roles: ['risk-officer'] });
    const inputs = twoBooks();
    const lab = runInProcess({ tape: inputs.tape, books: inputs.books });
    const stack = await startStack({ home, say: () => undefined, environment: {} });
    const progress = new ProgressLine(true);
    const run = new ServiceRun({ home, stack, inputs, progress, speed: SPEED, venue: {}, logLevel: 'warn' });
    const [operator, desk] = await Promise.all([
      connectNats(stack.access('operator'), 'test'),
      connectNats(stack.access('desk'), 'test'),
    ]);
    const pool = createLedgerPool({ url: stack.databaseUrl, role: 'evenkeel_ledger' });
    let over = false;
    const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
      while (!over && !(await holds())) await delay(50);
    };
    const spoil = async (): Promise<void> => {
      await until(() => run.fraction > 0.1);
      const { journalStream } = await currentEpoch(operator);
      const journal = new JetStreamEventLog(operator, journalStream, { passesOver: () => true });
      const partition = partitionOf(SPOILED);
      const decided = async () => {
        const seen: { subject: string; bytes: Uint8Array; book: string }[] = [];
        for await (const { subject, bytes, commit } of journal.read({ contexts: ['strategy'] }))
          seen.push({ subject, bytes, book: commit.book });
        return seen;
      };
      await until(async () => (await decided()).some(({ book }) => book === SPOILED));
      const honest = required(
        (await decided()).find(({ book }) => book === SPOILED),
        'a commit of strategy',
      );
      const forged = Uint8Array.from(honest.bytes);
      forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
      const publish = async (subject: string, bytes: Uint8Array): Promise<number> =>
        (await operator.request(subject, bytes)).json<{ seq: number }>().seq;
      const seqs = [
        await publish(`ek.evt.v1.${partition}.risk.book.x`, new TextEncoder().encode('hello')),
        await publish(honest.subject, forged),
      ];
      const [first = 0] = seqs;
      // The partition stands still, with pointers to why; the ledger too; the other book goes on.
      await until(async () => {
        const letters = (await deadLetters(operator)).filter(({ seq }) => seq === first);
        return ['strategy', 'execution', 'ledger'].every((service) =>
          letters.some(({ from }) => from.startsWith(`ek.dlq.v1.${service}.`)),
        );
      });
      const before = (await decided()).length;
      await until(async () => (await decided()).length > before);
      expect((await decided()).slice(before).map(({ book }) => book)).not.toContain(SPOILED);

      const producer = { service: 'keel', version: 'test', gitSha: 'test', kernelHash: '' };
      const keyring = new CommitKeyring(home);
      const keys = { trust: keyring.trust(), signer: keyring.desk };
      const people = await PeopleJournal.open({
        connection: desk,
        producer,
        nowNs: wallNanoseconds,
        ...keys,
      });
      const store = new GovernanceJournal({ journal: people, opening: () => roster.opening() });
      const now = (): string => new Date().toISOString();
      const approvals = {
        required: () => Promise.resolve('loosening' as const),
        withStore: <T>(work: (one: GovernanceStore) => Promise<T>) => work(store),
        now,
      } as const;
      const sign: Parameters<typeof propose>[2] = (statement) => evidenceFor(statement, { roster, now: 0 });
      for (const sequence of seqs) {
        const wanted = { sequence, reason: 'a stray message', by: 'ann', at: now() };
        await expect(quarantineMessage(people, approvals, wanted)).rejects.toMatchObject({
          code: 'GOVERNANCE.NOT_APPROVED',
        });
        const message = required(await people.unbelievedAt(sequence), 'a message that nobody believes');
        const request = { ...quarantineOf(message), reason: 'a stray message', by: 'rita', at: now() };
        const { proposed } = await propose(store, request, sign, parseInstant(request.at));
        const { proposalId, contentHash } = proposed;
        const yes = { verb: 'approve', proposalId, contentHash, by: 'ruth', at: now(), reason: '' } as const;
        await judge(store, yes, sign, parseInstant(yes.at));
        await quarantineMessage(people, approvals, { ...wanted, proposal: proposalId });
      }
      await expect(people.unbelievedAt(1)).resolves.toBeUndefined();
      await until(async () => (await decided()).slice(before).some(({ book }) => book === SPOILED));
      // Whoever begins anew meets them again.
      for (const service of ['risk', 'strategy', 'execution', 'ledger', 'price-ingest'] as const)
        run.supervisor.kill(service);
      expect(over).toBe(false);
      places.push(...seqs);
    };
    const places: number[] = [];
    try {
      const [report] = await Promise.all([run.run().finally(() => (over = true)), spoil()]);
      expect(places).toHaveLength(2);
      expect(report.halted ?? []).toEqual([]);
      expect(report.verification.status).toBe('clean');
      expect(report.decisionDigest).toBe(lab.decisionDigest);
      const { rows } = await pool.query<{ seq: number; aggregate: string }>(
        `SELECT seq, aggregate FROM ledger.commit_log WHERE aggregate LIKE 'quarantine/%' ORDER BY seq`,
      );
      expect(rows.map(({ seq }) => seq)).toEqual(places);
      expect(await verifyLedger(pool)).toMatchObject({ status: 'clean', findings: [] });
      expect(await rebuildReadModels(pool)).toMatchObject({ identical: true });
      const models = new ReadModels(pool);
      const incidents = await models.incidents({ epoch: '1', limit: 100 });
      expect(incidents.filter(({ type }) => type === 'CommitQuarantined')).toHaveLength(2);
      await models.close();
    } finally {
      await pool.end();
      await Promise.all([operator.close(), desk.close()]);
      await run.stop();
      await stack.stop();
    }
  }, 240_000);
});
