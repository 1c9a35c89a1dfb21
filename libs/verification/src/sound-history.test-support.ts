import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { Registry } from 'prom-client';
import {
  ArchiveFolder,
  AuditFolder,
  Witness,
  openLog,
  serveWitness,
  signerFromPem,
  trailEvidence,
  writeArchive,
} from '@evenkeel/adapter-audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import {
  blockFindings,
  connectNats,
  findNatsServer,
  journalCommits,
  journalStreams,
  openEpoch,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import { LedgerToVerify, compareJournal, createLedgerWriter, verifyLedger } from '@evenkeel/adapter-postgres';
import type { VerifierKey } from '@evenkeel/audit';
import type { Pool } from 'pg';
import { createAuditMetrics } from '../../../services/ledger/src/audit/audit-metrics';
import { LedgerTrail } from '../../../services/ledger/src/audit/ledger-trail';
import { LedgerCluster } from '../../adapter-postgres/src/sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../../adapter-postgres/src/sample/ledger-cluster.test-support';
import { sampleJournal } from '../../adapter-postgres/src/sample/sample-journal.test-support';
import type { SampleCommit } from '../../adapter-postgres/src/sample/sample-journal.test-support';
import type { LedgerFinding } from './finding';

const TOOLS = join(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const quiet = (): void => undefined;

/** A history in every form it is kept in: a database, an audit folder, an archive, and JetStream's files. */
export class SoundHistory {
  readonly dir = mkdtempSync(join(tmpdir(), 'evenkeel-matrix-'));
  readonly auditDir = join(this.dir, 'audit');
  readonly archiveDir = join(this.dir, 'archive');
  readonly natsDir = join(this.dir, 'nats');
  private copies = 0;

  private constructor(
    readonly cluster: LedgerCluster,
    readonly journal: readonly SampleCommit[],
    private original: LedgerDatabase | undefined,
    readonly witness: VerifierKey,
  ) {}

  static async make(seed: string, steps: number): Promise<SoundHistory> {
    const journal = sampleJournal({ seed, steps, books: ['alpha', 'beta'] });
    const signer = signerFromPem('auditor.example/w1', generateKeyPem(), 'cosignatures');
    const history = new SoundHistory(await LedgerCluster.start(), journal, undefined, signer.key);
    history.original = await history.cluster.database();
    const pool = history.original.pool();
    const key = { folder: history.auditDir, origin: 'desk.example/matrix' };
    const { keyring } = await openLog(key);
    const witness = new Witness({
      logs: new Map([[key.origin, { keyring }]]),
      signer,
      stateFolder: join(history.dir, 'witness'),
      now: () => 1_800_000_000,
    });
    const running = await serveWitness(witness, 0);
    // Every stretch is a life of the ledger of its own, so that several checkpoints are cosigned.
    const writer = createLedgerWriter(pool, { epoch: '1' });
    for (let from = 0; from < journal.length; from += 300) {
      const trail = await LedgerTrail.open({
        pool,
        key,
        witnesses: [{ key: signer.key, url: running.url }],
        witnessTimeoutMs: 2_000,
        metrics: createAuditMetrics(new Registry()),
        log: { info: quiet, warn: quiet, error: quiet },
      });
      await writer.append(journal.slice(from, from + 300));
      await trail.stop();
      const folder = AuditFolder.open(history.auditDir);
      await writeArchive(
        new ArchiveFolder(history.archiveDir),
        {
          identity: folder.identity,
          checkpoints: folder.checkpoints(),
          cosigned: folder.cosignedCheckpoints(),
          async *commits(first, until) {
            for (const { seq, bytes } of journal.slice(first, until)) yield { epoch: '1', seq, bytes };
            await Promise.resolve();
          },
        },
        { segmentCommits: 150 },
      );
    }
    await writer.close();
    await running.close();
    await pool.end();
    return history;
  }

  /** The journal on a real server, which is stopped again: its files are at rest. */
  async publish(): Promise<void> {
    const nats = await startEmbeddedNats({ binary: findNatsServer(TOOLS, quiet), dir: this.natsDir });
    const connection = await connectNats(nats.url, 'matrix');
    await openEpoch(connection);
    for (const { subject, bytes } of this.journal) await jetstream(connection).publish(subject, bytes);
    await connection.close();
    await nats.stop();
  }

  database(): Promise<LedgerDatabase> {
    return this.cluster.database(this.original);
  }

  /** A copy of a folder to be damaged. */
  copyOf(folder: string): string {
    this.copies += 1;
    const copy = join(this.dir, `copy-${this.copies}`);
    mkdirSync(copy, { recursive: true });
    cpSync(folder, copy, { recursive: true });
    return copy;
  }

  /** What `keel audit verify` finds in a database and an audit folder. */
  async judge(pool: Pool, auditDir = this.auditDir): Promise<readonly LedgerFinding[]> {
    const evidence = await trailEvidence(new LedgerToVerify(pool).checkpoints, {
      folder: auditDir,
      witnesses: [this.witness],
      outside: [],
      patienceMs: 0,
    });
    const { examination } = evidence;
    const report = await verifyLedger(pool, {
      readModels: false,
      heads: examination?.heads ?? [],
      ...(examination === undefined ? {} : { leafAt: examination.leafAt }),
    });
    return [...evidence.findings, ...report.findings];
  }

  /** What a comparison of JetStream's files with the ledger finds. */
  async judgeJournal(pool: Pool, natsDir: string): Promise<readonly LedgerFinding[]> {
    const nats = await startEmbeddedNats({ binary: findNatsServer(TOOLS, quiet), dir: natsDir });
    const connection = await connectNats(nats.url, 'matrix');
    try {
      const stream = (await journalStreams(connection)).find(({ epoch }) => epoch === '1');
      const none = (async function* () {})();
      const messages = stream === undefined ? none : journalCommits(connection, stream);
      const findings = await compareJournal(pool, '1', this.journal.length, messages);
      return [...findings, ...(stream === undefined ? [] : blockFindings(natsDir, stream))];
    } finally {
      await connection.close();
      await nats.stop();
    }
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Files under a folder, by their path in it. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
