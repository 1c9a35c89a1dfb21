import { toBase64 } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { EvenkeelError, InvalidInputError, toHex, tryParseInstant } from '@evenkeel/kernel';
import type { PackFolder, PackSource, SignedLog } from './evidence-ports';
import { COMMON_COLUMNS, OWN_COLUMNS, PACK_TABLES, csvLine, packRows } from './pack-tables';
import type { PackRow, PackTable } from './pack-tables';

export interface PackOptions {
  readonly source: PackSource;
  readonly log: SignedLog;
  /** Event times, ISO 8601; the first included, the last not. */
  readonly from: string;
  readonly to: string;
  /** Made only once the times are known to be times. */
  readonly openFolder: () => PackFolder;
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

/**
 * The regulator's export of a stretch of event time: each table as CSV and JSON lines, every commit a row came from with
 * its published bytes and inclusion proof, the signed checkpoint, and a manifest over it all. Throws
 * `AUDIT.NOT_SIGNED_YET` while no checkpoint covers it.
 */
export async function writePack(options: PackOptions): Promise<PackManifest> {
  const { source, log, from, to, madeAt } = options;
  const [first, last] = [instantOf('--from', from), instantOf('--to', to)];
  const writer = new PackWriter(options.openFolder());
  const rows = await source.between(first, last);
  const newest = rows.reduce((index, row) => Math.max(index, row.index), -1);
  const checkpoint = log.covering(Math.max(newest, 0));
  if (checkpoint === undefined) {
    throw new EvenkeelError({
      code: 'AUDIT.NOT_SIGNED_YET',
      message: 'no signed checkpoint covers that time yet: wait for the ledger’s next one',
    });
  }
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
      proof: log.proofOf(row.index, checkpoint.head.size).map(toBase64),
    });
  }
  writer.text('checkpoint.txt', checkpoint.note);
  writer.text('log.json', `${JSON.stringify(log.identity, null, 2)}\n`);
  const manifest: PackManifest = {
    format: 'evenkeel-pack/v1',
    origin: log.identity.origin,
    from,
    to,
    madeAt,
    tree: { size: checkpoint.head.size, root: toHex(checkpoint.head.root) },
    commits,
    rows: writer.counts(),
    files: writer.close(),
  };
  writer.manifest(`${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function instantOf(path: string, text: string): bigint {
  const instant = tryParseInstant(text);
  if (instant !== undefined) return instant;
  throw new InvalidInputError('the command', [{ path, message: `"${text}" is not an ISO 8601 time` }]);
}

class PackWriter {
  private readonly rows = new Map<PackTable, number>();

  constructor(private readonly folder: PackFolder) {
    for (const table of PACK_TABLES) {
      folder.append(`${table}.csv`, csvLine([...COMMON_COLUMNS, ...OWN_COLUMNS[table]]));
      folder.append(`${table}.jsonl`, '');
    }
    folder.append('commits.jsonl', '');
  }

  row(table: PackTable, cells: PackRow): void {
    const columns = [...COMMON_COLUMNS, ...OWN_COLUMNS[table]];
    this.folder.append(`${table}.csv`, csvLine(columns.map((name) => cells[name])));
    this.folder.append(`${table}.jsonl`, `${JSON.stringify(cells)}\n`);
    this.rows.set(table, (this.rows.get(table) ?? 0) + 1);
  }

  proof(line: object): void {
    this.folder.append('commits.jsonl', `${JSON.stringify(line)}\n`);
  }

  text(name: string, content: string): void {
    this.folder.append(name, content);
  }

  counts(): Record<PackTable, number> {
    return Object.fromEntries(PACK_TABLES.map((table) => [table, this.rows.get(table) ?? 0])) as Record<
      PackTable,
      number
    >; // one entry per table
  }

  close(): PackManifest['files'] {
    return this.folder.close();
  }

  manifest(content: string): void {
    this.folder.writeManifest(content);
  }
}
