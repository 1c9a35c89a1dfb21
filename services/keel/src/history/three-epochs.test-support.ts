import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditTrail, openLog } from '@evenkeel/adapter-audit';
import {
  createLedgerPool,
  createLedgerWriter,
  migrate,
  startEmbeddedPostgres,
} from '@evenkeel/adapter-postgres';
import { encodeCommit } from '@evenkeel/contracts';
import { aggregateKey } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { sha256, toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import type { LabRun } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { main } from '../main';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ThreeEpochs {
  /** The day of epochs 1 and 2, which are the same run; and of epoch 3, another market's first hours. */
  readonly day: readonly StoredCommit[];
  readonly hours: readonly StoredCommit[];
  /** The digest of the day's decisions, as its run reports it. */
  readonly digest: string;
  readonly dir: string;
  /** Runs the command line on this ledger. */
  keel(...args: string[]): Promise<Said>;
  /** Turns one bit in the middle of a commit's bytes, past the triggers that forbid it. */
  damage(epoch: string, seq: number): Promise<void>;
  close(): Promise<void>;
}

/** A ledger of three epochs: the same day twice, with the same ids, and the first hours of another market. */
export async function threeEpochs(): Promise<ThreeEpochs> {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-history-'));
  const server = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), durability: 'process' });
  await migrate(server.url);
  const pool = createLedgerPool({ url: server.url });
  const { journal: whole, decisionDigest: digest } = runOf('history');
  const day = whole.all;
  const other = runOf('another').journal.all;
  const hours = other.slice(0, Math.floor(other.length / 3));
  const { identity, signer } = await openLog({ folder: join(dir, 'audit') });
  const trail = await AuditTrail.open({
    origin: identity.origin,
    folder: join(dir, 'audit'),
    signers: [signer],
  });
  for (const [epoch, journal] of Object.entries({ 1: day, 2: day, 3: hours })) {
    const written = inEpoch(epoch, journal);
    const writer = createLedgerWriter(pool, { epoch });
    await writer.append(written);
    await writer.close();
    for (const { seq, hash } of written) trail.append({ epoch, seq, commitHash: toHex(hash) });
  }
  await trail.sign(1_767_225_600);
  return {
    day,
    hours,
    digest,
    dir,
    keel: (...args) => saidBy(args, { EK_HOME: dir, DATABASE_URL: server.url }),
    async damage(epoch, seq) {
      const client = await pool.connect();
      await client.query('SET session_replication_role = replica');
      await client.query(
        'UPDATE ledger.commit_log SET bytes = set_byte(bytes, length(bytes) / 2, get_byte(bytes, length(bytes) / 2) # 1) WHERE epoch = $1 AND seq = $2',
        [epoch, seq],
      );
      client.release(true);
    },
    async close() {
      await pool.end();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function runOf(seed: string): LabRun {
  const { tape, book } = busyDemonstration(seed, 1);
  return runInProcess({ tape, books: [{ file: book, source: 'the demonstration book' }] });
}

/** The same commits as another epoch has them, chained anew. */
function inEpoch(epoch: string, journal: readonly StoredCommit[]): readonly StoredCommit[] {
  const heads = new Map<string, Uint8Array>();
  return journal.map((stored) => {
    const { aggregate, causation } = stored.commit;
    const key = aggregateKey(aggregate);
    const stream = causation.stream === 'EK_JOURNAL_lab' ? `EK_JOURNAL_${epoch}` : causation.stream;
    const prevHash = heads.get(key) ?? new Uint8Array(0);
    const commit = { ...stored.commit, epoch, prevHash, causation: { ...causation, stream } };
    const bytes = encodeCommit(commit);
    const hash = sha256(bytes);
    heads.set(key, hash);
    return { ...stored, commit, bytes, hash };
  });
}

async function saidBy(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Said> {
  const before = { ...process.env };
  const [out, err] = (['stdout', 'stderr'] as const).map((stream) =>
    jest.spyOn(process[stream], 'write').mockReturnValue(true),
  );
  const text = (spy: typeof out): string => (spy?.mock.calls ?? []).map(([chunk]) => String(chunk)).join('');
  try {
    Object.assign(process.env, environment);
    process.exitCode = 0;
    await main(['node', 'keel', ...args]);
    return { code: Number(process.exitCode), stdout: text(out), stderr: text(err) };
  } finally {
    process.env = before;
    process.exitCode = 0;
    out?.mockRestore();
    err?.mockRestore();
  }
}
