import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiveFolder, AuditFolder, trailEvidence, verifyArchive } from '@evenkeel/adapter-audit';
import { LedgerToVerify, createLedgerWriter, readLeaves, verifyLedger } from '@evenkeel/adapter-postgres';
import type { LedgerFinding } from './finding';
import {
  MerkleFrontier,
  buildBundle,
  checkBundle,
  collectClosure,
  evidenceInMemory,
  parseVerifierKey,
} from '@evenkeel/audit';
import { createRandom, required } from '@evenkeel/kernel';
import { decodeEnvelope } from '@evenkeel/reconstruction';
import { aggregateKey } from '@evenkeel/eventing';
import type { LedgerDatabase } from '../../adapter-postgres/src/sample/ledger-cluster.test-support';
import { sampleJournal } from '../../adapter-postgres/src/sample/sample-journal.test-support';
import { SoundHistory, filesIn } from './sound-history.test-support';

const SEED = process.env['EK_SEED'] ?? 'matrix';
const SOAK = process.env['EK_SOAK'] === '1';
const random = createRandom(SEED);
const KINDS = ['flip', 'delete', 'duplicate', 'swap', 'insert', 'truncate'] as const;
type Kind = (typeof KINDS)[number];

/** Every cell: how many were planted and how many were named. Printed at the end. */
const matrix = new Map<string, Record<Kind, [planted: number, named: number]>>();
function record(surface: string, kind: Kind, named: boolean, detail: string): void {
  const row =
    matrix.get(surface) ??
    ({
      flip: [0, 0],
      delete: [0, 0],
      duplicate: [0, 0],
      swap: [0, 0],
      insert: [0, 0],
      truncate: [0, 0],
    } as const);
  const cells = Object.fromEntries(KINDS.map((one) => [one, [...row[one]]])) as Record<
    Kind,
    [number, number]
  >; // all six
  cells[kind][0] += 1;
  if (named) cells[kind][1] += 1;
  matrix.set(surface, cells);
  if (!named) throw new Error(`${surface}, ${kind} (seed ${SEED}): not named: ${detail}`);
}

const shown = (findings: readonly LedgerFinding[]): string =>
  JSON.stringify(findings.slice(0, 5).map(({ seq, where, code }) => ({ seq, where, code })));

let history: SoundHistory;
beforeAll(async () => {
  history = await SoundHistory.make(SEED, 200);
  await history.publish();
}, 120_000);
afterAll(async () => {
  await history.stop();
  const rows = [...matrix].map(
    ([surface, cells]) =>
      `  ${surface.padEnd(26)}${KINDS.map((kind) => `${cells[kind][1]}/${cells[kind][0]}`.padStart(10)).join('')}`,
  );
  const head = `  ${'named/planted'.padEnd(26)}${KINDS.map((kind) => kind.padStart(10)).join('')}`;
  process.stdout.write(`mutation matrix, seed ${SEED}\n${[head, ...rows].join('\n')}\n`);
}, 60_000);

/** Bytes with one of the six things done to them; `other` is another file of the kind, for swapping. */
function damaged(bytes: Buffer, kind: Exclude<Kind, 'delete' | 'duplicate' | 'swap'>): Buffer {
  const at = Math.floor(bytes.length * (0.2 + 0.6 * random.next()));
  if (kind === 'truncate') return bytes.subarray(0, Math.max(0, bytes.length - 1 - random.integer(16)));
  if (kind === 'insert') return Buffer.concat([bytes.subarray(0, at), Buffer.from([7]), bytes.subarray(at)]);
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.integer(8));
  return flipped;
}

function overwrite(path: string, bytes: Buffer | string): void {
  rmSync(path, { force: true });
  writeFileSync(path, bytes);
}

describe('the mutation matrix', () => {
  it('raises no alarm on the history as it is', async () => {
    const pool = (await history.database()).pool();
    expect(await history.judge(pool)).toEqual([]);
    expect(await history.judgeJournal(pool, history.copyOf(history.natsDir))).toEqual([]);
    expect(await verifyArchive(new ArchiveFolder(history.archiveDir))).toMatchObject({ status: 'clean' });
    expect(AuditFolder.open(history.auditDir).cosignedCheckpoints().length).toBeGreaterThan(1);
  }, 60_000);

  it('raises no alarm on clean histories of many seeds', async () => {
    const database = await history.cluster.database();
    const pool = database.pool();
    for (let round = 0; round < (SOAK ? 100 : 12); round += 1) {
      const epoch = String(round + 1);
      const writer = createLedgerWriter(pool, { epoch });
      await writer.append(sampleJournal({ seed: `${SEED} ${round}`, steps: 12 + random.integer(20), epoch }));
      await writer.close();
    }
    expect(await verifyLedger(pool)).toMatchObject({ status: 'clean', findings: [], readModels: 'equal' });
  }, 120_000);

  /** The operator makes what he can consistent: the ledger's checkpoint, and where rows end, the tree. */
  const settle = async (database: LedgerDatabase, rows: number): Promise<void> => {
    await database.asOwner('UPDATE ledger.checkpoint SET seq = $1', [rows], true);
    const frontier = new MerkleFrontier();
    for await (const { leafHash } of readLeaves(database.pool(), 0)) frontier.append(leafHash);
    await database.asOwner(
      'UPDATE ledger.tree SET size = $1, root = $2, nodes = $3',
      [frontier.size, Buffer.from(frontier.root()), frontier.record().nodes],
      true,
    );
  };

  it('names every change to rows of the commit log', async () => {
    const count = history.journal.length;
    const copyRow = (from: number, to: number): string =>
      `INSERT INTO ledger.commit_log SELECT epoch, ${to}, gen_random_uuid(), aggregate || '~', version, bytes, hash, prev_hash, leaf_hash, decoded FROM ledger.commit_log WHERE seq = ${from}`;
    for (let round = 0; round < (SOAK ? 10 : 2); round += 1) {
      const seq = 10 + random.integer(count - 30);
      const changes: readonly [Kind, number, number, readonly string[]][] = [
        [
          'flip',
          seq,
          count,
          [
            `UPDATE ledger.commit_log SET bytes = set_byte(bytes, ${5 + random.integer(100)}, 77), hash = sha256(set_byte(bytes, 9, 1)) WHERE seq = ${seq}`,
          ],
        ],
        ['delete', seq, count, [`DELETE FROM ledger.commit_log WHERE seq = ${seq}`]],
        ['duplicate', count + 1, count + 1, [copyRow(seq, count + 1)]],
        [
          'swap',
          seq,
          count,
          [
            `UPDATE ledger.commit_log SET seq = CASE seq WHEN ${seq} THEN 1000000 ELSE ${seq} END WHERE seq IN (${seq}, ${seq + 1})`,
            `UPDATE ledger.commit_log SET seq = ${seq + 1} WHERE seq = 1000000`,
          ],
        ],
        [
          'insert',
          seq + 1,
          count + 1,
          [
            `UPDATE ledger.commit_log SET seq = seq + 1000000 WHERE seq > ${seq}`,
            `UPDATE ledger.commit_log SET seq = seq - 999999 WHERE seq > 1000000`,
            copyRow(seq - 3, seq + 1),
          ],
        ],
        ['truncate', count - 4, count - 5, [`DELETE FROM ledger.commit_log WHERE seq > ${count - 5}`]],
      ];
      for (const [kind, expected, rows, statements] of changes) {
        const database = await history.database();
        for (const sql of statements) await database.asOwner(sql, [], true);
        await settle(database, rows);
        const pool = database.pool();
        const findings = await history.judge(pool);
        await pool.end();
        record(
          'commit_log rows',
          kind,
          findings.some((finding) => finding.seq === expected),
          shown(findings),
        );
      }
    }
  }, 120_000);

  it('names every change to tiles, by file', async () => {
    const database = await history.database();
    const pool = database.pool();
    const names = filesIn(join(history.auditDir, 'tiles')).filter((name) => name !== 'checkpoint');
    for (const name of SOAK ? names : names.filter((_, at) => at % 2 === 0)) {
      for (const kind of KINDS) {
        const copy = history.copyOf(history.auditDir);
        const path = join(copy, 'tiles', name);
        const bytes = readFileSync(path);
        let expected = name;
        if (kind === 'delete') rmSync(path);
        else if (kind === 'duplicate') {
          expected = `${name}.copy`;
          writeFileSync(join(copy, 'tiles', expected), bytes);
        } else if (kind === 'swap') {
          const other = names.find((one) => one !== name && one.split('/')[1] !== name.split('/')[1]);
          const otherPath = join(copy, 'tiles', required(other, 'another tile'));
          const otherBytes = readFileSync(otherPath);
          overwrite(path, otherBytes);
          overwrite(otherPath, bytes);
        } else overwrite(path, damaged(bytes, kind));
        const needed = isNeeded(name, history.journal.length);
        const findings = await trailOf(copy);
        // A partial tile of an earlier size is read by nobody any more once a wider one is there.
        if (needed || kind === 'duplicate')
          record(
            'tiles',
            kind,
            findings.some(({ where }) => where === expected),
            `${name} ${shown(findings)}`,
          );
        rmSync(copy, { recursive: true });
      }
    }
    async function trailOf(folder: string): Promise<readonly LedgerFinding[]> {
      const questions = { folder, witnesses: [history.witness], outside: [], patienceMs: 0 };
      return (await trailEvidence(new LedgerToVerify(pool).checkpoints, questions)).findings;
    }
  }, 120_000);

  it('names every change to kept checkpoints, by number, in the folder and in Postgres', async () => {
    for (const file of ['checkpoints.jsonl', 'cosigned.jsonl']) {
      const lines = readFileSync(join(history.auditDir, file), 'utf8').trimEnd().split('\n');
      for (const kind of KINDS) {
        const at = kind === 'truncate' ? lines.length - 1 : random.integer(lines.length - 1);
        const copy = history.copyOf(history.auditDir);
        writeFileSync(join(copy, file), `${changedLines(lines, at, kind).join('\n')}\n`);
        const database = await history.database();
        const pool = database.pool();
        const findings = await history.judge(pool, copy);
        await pool.end();
        record(file, kind, findings.some(namesCheckpoint), shown(findings));
      }
    }
    const numbers = AuditFolder.open(history.auditDir).checkpoints().length;
    const sql: Record<Kind, string> = {
      flip: `UPDATE ledger.signed_checkpoint SET note = overlay(note placing 'A' from 40 for 1) WHERE number = 1`,
      delete: `DELETE FROM ledger.signed_checkpoint WHERE number = 1`,
      duplicate: `INSERT INTO ledger.signed_checkpoint SELECT ${numbers + 1}, previous, size, root, note FROM ledger.signed_checkpoint WHERE number = ${numbers}`,
      swap: `UPDATE ledger.signed_checkpoint a SET note = b.note FROM ledger.signed_checkpoint b WHERE a.number + b.number = 3`,
      insert: `INSERT INTO ledger.signed_checkpoint VALUES (${numbers + 1}, 'x', 9999, '\\x00', 'forged')`,
      truncate: `DELETE FROM ledger.signed_checkpoint WHERE number = ${numbers}`,
    };
    for (const kind of KINDS) {
      const database = await history.database();
      await database.asOwner(sql[kind], [], true);
      const pool = database.pool();
      const findings = await history.judge(pool);
      await pool.end();
      record('checkpoints in Postgres', kind, findings.some(namesCheckpoint), shown(findings));
    }
  }, 120_000);

  it('names every change to archive files', async () => {
    const names = filesIn(history.archiveDir);
    const size = history.journal.length;
    for (const name of SOAK ? names : names.filter((_, at) => at % 3 === 0)) {
      for (const kind of KINDS) {
        const copy = history.copyOf(history.archiveDir);
        const path = join(copy, name);
        chmodSync(path, 0o600);
        const bytes = readFileSync(path);
        const folder = name.split('/')[0] ?? '';
        const last = names.filter((one) => one.startsWith('manifests/')).pop();
        if (kind === 'delete') rmSync(path);
        else if (kind === 'duplicate') writeFileSync(`${path}.copy`, bytes);
        else if (kind === 'swap') {
          const other = required(
            names.find((one) => one !== name && one.startsWith(folder)),
            'another file',
          );
          const otherBytes = readFileSync(join(copy, other));
          overwrite(path, otherBytes);
          overwrite(join(copy, other), bytes);
        } else overwrite(path, damaged(bytes, kind));
        const report = await verifyArchive(new ArchiveFolder(copy), { atLeast: size });
        const places = report.defects.map(({ where }) => where);
        const named = places.some(
          (where) => where.startsWith(name) || (kind === 'swap' && where.startsWith(folder)),
        );
        // Without its last manifest the archive is shorter: then its segments are named, which belong to none.
        const shorter = kind === 'delete' && name === last && places.length > 0;
        record(
          `archive ${folder}`,
          kind,
          report.status === 'damaged' && (named || shorter),
          places.join(' '),
        );
        rmSync(copy, { recursive: true });
      }
    }
  }, 120_000);

  it('names every change to evidence bundles', async () => {
    const folder = AuditFolder.open(history.auditDir);
    const rows = history.journal.map(({ seq, bytes, sealed: { commit } }) => ({
      epoch: '1',
      seq,
      aggregate: aggregateKey(commit.aggregate),
      version: commit.toVersion,
      bytes,
    }));
    const subject = { epoch: '1', seq: 60 };
    const commits = await collectClosure(evidenceInMemory(rows), [subject], { decode: decodeEnvelope });
    const covering = required(folder.covering(history.journal.length - 1), 'a checkpoint');
    const bundle = Buffer.from(
      buildBundle({
        origin: folder.identity.origin,
        subjects: [subject],
        commits,
        proofOf: (index) => folder.proofOf(index, covering.head.size),
        checkpoint: covering.note,
        exportedAt: '2026-01-31T00:00:00Z',
        exporter: 'test',
      }),
    );
    const keys = folder.identity.keys.map((text) => required(parseVerifierKey(text), 'a key'));
    const trust = { logKeys: keys, witnesses: [history.witness], witnessQuorum: 1 };
    const verdict = (bytes: Buffer): string => checkBundle(bytes, trust, decodeEnvelope).verdict;
    expect(verdict(bundle)).toBe('clean');
    const lines = bundle.toString('utf8').trimEnd().split('\n');
    for (let round = 0; round < (SOAK ? 40 : 5); round += 1) {
      for (const kind of KINDS) {
        const at = kind === 'truncate' ? lines.length - 1 : random.integer(lines.length - 1);
        const changed = Buffer.from(`${changedLines(lines, at, kind).join('\n')}\n`);
        record('evidence bundles', kind, verdict(changed) !== 'clean', `line ${at}`);
      }
    }
  }, 60_000);

  it('names every change to JetStream’s block files, by sequence', async () => {
    const block = required(
      filesIn(history.natsDir).find((name) => /EK_JOURNAL_1.*\.blk$/.test(name)),
      'a block file',
    );
    const database = await history.database();
    const pool = database.pool();
    for (const kind of KINDS) {
      const copy = history.copyOf(history.natsDir);
      const path = join(copy, block);
      const bytes = readFileSync(path);
      const half = Math.floor(bytes.length / 2);
      if (kind === 'delete') rmSync(path);
      else if (kind === 'duplicate') overwrite(path, Buffer.concat([bytes.subarray(0, half), bytes]));
      else if (kind === 'swap') {
        const [a, b] = [bytes.subarray(4_000, 8_000), bytes.subarray(half, half + 4_000)];
        const swapped = Buffer.from(bytes);
        swapped.set(b, 4_000);
        swapped.set(a, half);
        overwrite(path, swapped);
      } else if (kind === 'truncate') overwrite(path, bytes.subarray(0, half));
      else overwrite(path, damaged(bytes, kind));
      const findings = await history.judgeJournal(pool, copy);
      record(
        'JetStream block files',
        kind,
        findings.some(({ seq, where }) => seq > 0 || where?.endsWith('.blk') === true),
        shown(findings),
      );
      rmSync(copy, { recursive: true });
    }
  }, 180_000);
});

/** Whether a tile is part of the newest tree, or only of an earlier one. */
function isNeeded(name: string, size: number): boolean {
  const partial = /^tile\/(\w+)\/(\d+)\.p\/(\d+)$/.exec(name);
  if (partial === null) return true;
  const level = partial[1] === 'entries' ? 0 : Number(partial[1]);
  const hashes = Math.floor(size / 256 ** level);
  return Number(partial[2]) * 256 + Number(partial[3]) === hashes;
}

function namesCheckpoint({ where, message, code }: LedgerFinding): boolean {
  return (
    /checkpoint( of size)? \d+|cosigned checkpoint/i.test(`${where ?? ''} ${message}`) ||
    code === 'AUDIT.CHECKPOINT_FILE_DAMAGED'
  );
}

function changedLines(lines: readonly string[], at: number, kind: Kind): readonly string[] {
  const changed = [...lines];
  const line = changed[at] ?? '';
  const next = (at + 1) % lines.length;
  if (kind === 'delete' || kind === 'truncate') changed.splice(at, 1);
  else if (kind === 'duplicate') changed.splice(at, 0, line);
  else if (kind === 'swap') [changed[at], changed[next]] = [changed[next] ?? '', line];
  else if (kind === 'insert') changed.splice(at, 0, line.replace(/[a-f]/, 'A'));
  else {
    const place = Math.floor(line.length * (0.3 + 0.4 * random.next()));
    const digit = line[place] === 'Q' ? 'R' : 'Q';
    changed[at] = `${line.slice(0, place)}${digit}${line.slice(place + 1)}`;
  }
  return changed;
}
