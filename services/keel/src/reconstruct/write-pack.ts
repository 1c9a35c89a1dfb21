import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AuditFolder } from '@evenkeel/adapter-audit';
import { toBase64 } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { EvenkeelError, InvalidInputError, toHex, tryParseInstant } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import { COMMON_COLUMNS, OWN_COLUMNS, PACK_TABLES, csvLine, packRows } from './pack-tables';
import type { PackRow, PackTable } from './pack-tables';

export interface PackOptions {
  readonly pool: Pool;
  readonly folder: AuditFolder;
  /** Event times, ISO 8601; the first included, the last not. */
  readonly from: string;
  readonly to: string;
  readonly out: string;
  /** Wall clock, ISO 8601. */
  readonly madeAt: string;
}

export interface PackManifest {
  readonly format: 'evenkeel-pack/v1';
  readonly origin: string;
  readonly from: string;
  readonly to: string;
  readonly madeAt: string;
  readonly tree: { readonly size: number; readonly root: string };
  readonly commits: number;
  readonly rows: Readonly<Record<PackTable, number>>;
  /** SHA-256 and length of every other file of the pack. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

interface LogRow {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Buffer;
  readonly hash: Buffer;
  readonly index: number;
}

/**
 * The regulator's export of a stretch of event time: each table as CSV and JSON lines, every commit a row came from with
 * its published bytes and inclusion proof, the signed checkpoint, and a manifest over it all. Throws
 * `AUDIT.NOT_SIGNED_YET` while no checkpoint covers it.
 */
export async function writePack(options: PackOptions): Promise<PackManifest> {
  const { pool, folder, out, from, to, madeAt } = options;
  const [first, last] = [instantOf('--from', from), instantOf('--to', to)];
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new InvalidInputError('the command', [{ path: '--out', message: `${out} is not empty` }]);
  mkdirSync(out, { recursive: true });
  const rows = await readRows(pool, first, last);
  const newest = rows.reduce((index, row) => Math.max(index, row.index), -1);
  const checkpoint = folder.covering(Math.max(newest, 0));
  if (checkpoint === undefined) {
    throw new EvenkeelError({
      code: 'AUDIT.NOT_SIGNED_YET',
      message: 'no signed checkpoint covers that time yet: wait for the ledger’s next one',
    });
  }
  const writer = new PackWriter(out);
  let commits = 0;
  for (const row of rows) {
    const packed = packRows({ commit: decodeCommit(row.bytes), seq: row.seq, sha256: toHex(row.hash) });
    if (packed.length === 0) continue;
    commits += 1;
    for (const [table, cells] of packed) writer.row(table, cells);
    writer.proof({
      epoch: row.epoch,
      seq: row.seq,
      index: row.index,
      sha256: toHex(row.hash),
      bytes: toBase64(row.bytes),
      proof: folder.proofOf(row.index, checkpoint.head.size).map(toBase64),
    });
  }
  writer.close();
  writeFileSync(join(out, 'checkpoint.txt'), checkpoint.note);
  writeFileSync(join(out, 'log.json'), `${JSON.stringify(folder.identity, null, 2)}\n`);
  const manifest: PackManifest = {
    format: 'evenkeel-pack/v1',
    origin: folder.identity.origin,
    from,
    to,
    madeAt,
    tree: { size: checkpoint.head.size, root: toHex(checkpoint.head.root) },
    commits,
    rows: writer.counts(),
    files: Object.fromEntries(
      readdirSync(out)
        .sort()
        .map((name) => [name, fingerprint(join(out, name))]),
    ),
  };
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function instantOf(path: string, text: string): bigint {
  const instant = tryParseInstant(text);
  if (instant !== undefined) return instant;
  throw new InvalidInputError('the command', [{ path, message: `"${text}" is not an ISO 8601 time` }]);
}

async function readRows(pool: Pool, from: bigint, to: bigint): Promise<readonly LogRow[]> {
  const { rows } = await pool.query<LogRow>(
    `SELECT l.epoch, l.seq, l.bytes, l.hash, e.first_index + l.seq - 1 AS index
       FROM ledger.commit_log l JOIN ledger.tree_epoch e USING (epoch)
      WHERE (l.decoded->'clock'->>'eventTime')::numeric >= $1 AND (l.decoded->'clock'->>'eventTime')::numeric < $2
      ORDER BY index`,
    [from.toString(), to.toString()],
  );
  return rows;
}

function fingerprint(path: string): { sha256: string; bytes: number } {
  const bytes = readFileSync(path);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

class PackWriter {
  private readonly files = new Map<string, number>();
  private readonly rows = new Map<PackTable, number>();

  constructor(private readonly dir: string) {
    for (const table of PACK_TABLES) {
      writeSync(this.file(`${table}.csv`), csvLine([...COMMON_COLUMNS, ...OWN_COLUMNS[table]]));
      this.file(`${table}.jsonl`);
    }
    this.file('commits.jsonl');
  }

  row(table: PackTable, cells: PackRow): void {
    const columns = [...COMMON_COLUMNS, ...OWN_COLUMNS[table]];
    writeSync(this.file(`${table}.csv`), csvLine(columns.map((name) => cells[name])));
    writeSync(this.file(`${table}.jsonl`), `${JSON.stringify(cells)}\n`);
    this.rows.set(table, (this.rows.get(table) ?? 0) + 1);
  }

  proof(line: object): void {
    writeSync(this.file('commits.jsonl'), `${JSON.stringify(line)}\n`);
  }

  counts(): Record<PackTable, number> {
    return Object.fromEntries(PACK_TABLES.map((table) => [table, this.rows.get(table) ?? 0])) as Record<
      PackTable,
      number
    >; // one entry per table
  }

  close(): void {
    for (const file of this.files.values()) closeSync(file);
    this.files.clear();
  }

  private file(name: string): number {
    const known = this.files.get(name);
    if (known !== undefined) return known;
    const opened = openSync(join(this.dir, name), 'a');
    this.files.set(name, opened);
    return opened;
  }
}
