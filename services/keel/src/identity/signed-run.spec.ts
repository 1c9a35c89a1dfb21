import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  JetStreamEventLog,
  PeopleJournal,
  authorsOf,
  connectNats,
  currentEpoch,
} from '@evenkeel/adapter-nats';
import { createLedgerPool, verifyLedger } from '@evenkeel/adapter-postgres';
import { keyIdOf } from '@evenkeel/contracts';
import { enrolKey, removeKey } from '@evenkeel/desk';
import type { StoredCommit } from '@evenkeel/eventing';
import { wallNanoseconds } from '@evenkeel/host';
import { toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { keyFile } from '@evenkeel/signing-keys';
import { BUSY_POLICY } from '@evenkeel/testkit';
import { loadRunInputs } from '../run/inputs';
import { ProgressLine } from '../run/progress-line';
import { ServiceRun } from '../run/service-run';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import { CommitKeyring } from './commit-keyring';

describe('a run whose strategy is given another key on the way', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-signed-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is signed from its first commit to its last, and decides what it would have decided', async () => {
    const home = homeOf({ EK_HOME: dir });
    const inputs = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'signed', days: 1 });
    const stack = await startStack({
      home,
      say: () => undefined,
      environment: { EK_DURABILITY: 'unsynced' },
    });
    const progress = new ProgressLine(true);
    const run = new ServiceRun({ home, stack, inputs, progress, speed: 0, venue: {}, logLevel: 'warn' });
    const connection = await connectNats(stack.access('desk'), 'signed-test');
    const keyring = new CommitKeyring(home);
    const keyPath = join(home.identity, 'commit', 'strategy', 'key.pem');
    const pool = createLedgerPool({ url: stack.databaseUrl, role: 'evenkeel_ledger' });
    try {
      let over = false;
      const until = async (fraction: number): Promise<void> => {
        while (run.fraction < fraction && !over) await delay(5);
      };
      const rotate = async (): Promise<{ before: string; after: string }> => {
        await until(0.2);
        const old = keyFile(keyPath, 'spec').publicKey;
        const next = keyring.next('strategy').publicKey;
        const producer = { service: 'keel', version: 'test', gitSha: 'test', kernelHash: '' };
        const options = {
          connection,
          producer,
          nowNs: wallNanoseconds,
          trust: keyring.trust(),
          signer: keyring.desk,
        };
        const journal = await PeopleJournal.open(options);
        const change = { service: 'strategy', by: 'ann', at: new Date().toISOString() };
        await enrolKey(journal, { ...change, publicKey: next });
        keyring.promote('strategy');
        run.supervisor.kill('strategy');
        await until(0.5);
        await removeKey(journal, { ...change, publicKey: old }, 'rotated');
        return { before: toHex(keyIdOf(old)), after: toHex(keyIdOf(next)) };
      };
      const [report, { before, after }] = await Promise.all([
        run.run().finally(() => (over = true)),
        rotate(),
      ]);
      expect(report.verification.status).toBe('clean');
      const lab = runInProcess({ tape: inputs.tape, books: inputs.books });
      expect(report.decisionDigest).toBe(lab.decisionDigest);

      const epoch = await currentEpoch(connection);
      const authors = await authorsOf(connection, epoch, keyring.trust());
      const commits: StoredCommit[] = [];
      for await (const stored of new JetStreamEventLog(connection, epoch.journalStream, { authors }).read({}))
        commits.push(stored);
      const signersOf = (context: string): readonly string[] => [
        ...new Set(
          commits
            .filter(
              ({ commit }) => commit.aggregate.context === context && commit.producer.service !== 'keel',
            )
            .map(({ commit }) => toHex(commit.signature?.keyId ?? new Uint8Array(0))),
        ),
      ];
      expect(signersOf('strategy')).toEqual([before, after]);
      expect(signersOf('risk')).toHaveLength(1);
      expect(commits.every(({ commit }) => commit.signature !== undefined)).toBe(true);
      expect(statSync(keyPath).mode & 0o777).toBe(0o600);
      expect(await verifyLedger(pool, { readModels: false })).toMatchObject({
        status: 'clean',
        authors: [
          { commits: commits.length, deskKey: toHex(keyring.all()[0]?.publicKey ?? new Uint8Array()) },
        ],
      });
    } finally {
      await pool.end();
      await connection.close();
      await run.stop();
      await stack.stop();
    }
  }, 240_000);
});
