import { leafHashOf, toBase64, verifyInclusion } from '@evenkeel/audit';
import type { JournalPlace } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { EvenkeelError, formatInstant, sha256, toHex } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { PackFolder, PackSource, SignedLog } from './evidence-ports';
import { COMMON_COLUMNS, OWN_COLUMNS, PACK_TABLES, csvLine, packRows } from './pack-tables';
import type { PackRow, PackTable } from './pack-tables';

export interface PackOptions {
  readonly source: PackSource;
  readonly log: SignedLog;
  /** Which epochs, in their order. */
  readonly epochs: readonly string[];
  /** Event times; the first included, the last not. */
  readonly from: Instant;
  readonly to: Instant;
  /** What was asked for against what was held, where more was asked. */
  readonly partial?: string;
  /** Made only once it is known that there is something to pack. */
  readonly openFolder: () => PackFolder;
  /** Wall clock, ISO 8601. */
  readonly madeAt: string;
  readonly onProgress?: (commits: number) => void;
}

export interface PackManifest {
  readonly format: 'evenkeel-pack/v1';
  readonly origin: string;
  /** The epochs that were read. */
  readonly epochs: readonly string[];
  readonly from: string;
  readonly to: string;
  /** What was asked for against what was held, in words, where more was asked. */
  readonly partial?: string;
  readonly madeAt: string;
  readonly tree: { readonly size: number; readonly root: string };
  readonly commits: number;
  readonly rows: Readonly<Record<PackTable, number>>;
  /** SHA-256 and length of every other file of the pack. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

export interface WrittenPack {
  readonly manifest: PackManifest;
  /** Commits whose bytes are not those that were signed; the pack holds them, and does not stand its check. */
  readonly unproven: readonly JournalPlace[];
}

/**
 * The regulator's export of a stretch of event time: each table as CSV and JSON lines, every commit a row came from with
 * its published bytes and inclusion proof, the signed checkpoint, and a manifest over it all. Throws
 * `AUDIT.NOT_SIGNED_YET` while no checkpoint covers it.
 */
export async function writePack(options: PackOptions): Promise<WrittenPack> {
  const { source, log, epochs, from, to, madeAt } = options;
  let newest = 0;
  for (const epoch of epochs) newest = Math.max(newest, (await source.newestIndex(epoch, from, to)) ?? 0);
  const checkpoint = log.covering(newest);
  if (checkpoint === undefined) {
    throw new EvenkeelError({
      code: 'AUDIT.NOT_SIGNED_YET',
      message: 'no signed checkpoint covers that time yet: wait for the ledger’s next one',
    });
  }
  const writer = new PackWriter(options.openFolder());
  const { size, root } = checkpoint.head;
  const unproven: JournalPlace[] = [];
  let commits = 0;
  for (const epoch of epochs) {
    for await (const row of source.between(epoch, from, to)) {
      const packed = packRows({ commit: decodeCommit(row.bytes), seq: row.seq, sha256: toHex(row.hash) });
      if (packed.length === 0) continue;
      commits += 1;
      for (const [table, cells] of packed) writer.row(table, cells);
      const { epoch: own, seq, index } = row;
      const proof = log.proofOf(index, size);
      const leafHash = leafHashOf({ epoch: own, seq, commitHash: toHex(sha256(row.bytes)) });
      if (!verifyInclusion({ index, size, leafHash, proof }, root)) unproven.push({ epoch: own, seq });
      writer.proof({
        epoch: row.epoch,
        seq: row.seq,
        index: row.index,
        sha256: toHex(row.hash),
        bytes: toBase64(row.bytes),
        proof: proof.map(toBase64),
      });
      options.onProgress?.(commits);
    }
  }
  writer.text('checkpoint.txt', checkpoint.note);
  writer.text('log.json', `${JSON.stringify(log.identity, null, 2)}\n`);
  const manifest: PackManifest = {
    format: 'evenkeel-pack/v1',
    origin: log.identity.origin,
    epochs,
    from: formatInstant(from),
    to: formatInstant(to),
    ...(options.partial === undefined ? {} : { partial: options.partial }),
    madeAt,
    tree: { size, root: toHex(root) },
    commits,
    rows: writer.counts(),
    files: writer.close(),
  };
  writer.manifest(`${JSON.stringify(manifest, null, 2)}\n`);
  return { manifest, unproven };
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
