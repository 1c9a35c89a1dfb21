import {
  TILE_WIDTH,
  rfc6962,
  strayTiles,
  verifyCheckpoint,
  verifyCheckpointHistory,
  verifyTiles,
} from '@evenkeel/audit';
import type { Defect, Hash, TreeHead, TrustPolicy, VerifierKey } from '@evenkeel/audit';
import type { AuditFolder } from './audit-folder';
import { headOfNote } from './note-head';

const HASH_BYTES = 32;

export interface ExamineOptions {
  /** Witnesses whose cosignatures are judged; those of others are passed over. */
  readonly witnesses?: readonly VerifierKey[];
  /** Checkpoint notes that somebody outside kept: the history must lead through them. */
  readonly outside?: readonly { readonly name: string; readonly note: string }[];
}

export interface FolderExamination {
  /** Every head that was signed, cosigned or kept outside, and whose signature is sound: what the rows must give. */
  readonly heads: readonly TreeHead[];
  readonly defects: readonly Defect[];
  readonly checkpoints: number;
  readonly newest: TreeHead | undefined;
  /** The newest head a known witness cosigned. */
  readonly witnessed: { readonly size: number; readonly witnesses: readonly string[] } | undefined;
  readonly tiles: number;
  /** The leaf hash in the stored tiles. */
  readonly leafAt: (index: number) => Hash | undefined;
}

/**
 * Judges an audit folder by itself: the chain of checkpoints with their signatures, the cosignatures, what outsiders
 * kept, and every tile from the newest signed root down. Whether the rows give those heads is the chain's part.
 */
export async function examineFolder(
  folder: AuditFolder,
  options: ExamineOptions = {},
): Promise<FolderExamination> {
  const witnesses = options.witnesses ?? [];
  const trust: TrustPolicy = { log: folder.keyring, witnesses, witnessQuorum: 0 };
  const records = folder.checkpoints();
  const lastSigned = await folder.lastSigned();
  const history = verifyCheckpointHistory(records, {
    trust,
    ...(lastSigned === undefined ? {} : { lastSigned }),
  });
  const defects: Defect[] = [...history.defects];
  const heads: TreeHead[] = [...history.heads];
  let witnessed: FolderExamination['witnessed'];
  const statements = [
    ...folder
      .cosignedCheckpoints()
      .map(({ size, note }) => ({ where: `cosigned checkpoint of size ${size}`, note })),
    ...(options.outside ?? []).map(({ name, note }) => ({ where: name, note })),
  ];
  defects.push(...repeated(folder));
  for (const { where, note } of statements) {
    const verified = verifyCheckpoint(note, trust);
    if (!verified.ok) {
      defects.push({
        code: 'AUDIT.CHECKPOINT_INVALID',
        where,
        message: `${where}: ${verified.failure.message}`,
      });
      continue;
    }
    const { checkpoint, witnessed: statementsOf } = verified.value;
    heads.push({ size: checkpoint.size, root: checkpoint.root });
    if (statementsOf.length > 0 && checkpoint.size >= (witnessed?.size ?? 0))
      witnessed = { size: checkpoint.size, witnesses: statementsOf.map(({ witness }) => witness) };
  }
  const newest = history.heads[history.heads.length - 1];
  let tiles = 0;
  if (newest !== undefined) {
    const { read } = folder.tiles;
    const report = verifyTiles({ head: newest, read, readEntries: read, hasher: rfc6962 });
    tiles = report.tiles;
    defects.push(...report.defects, ...strayTiles(newest.size, folder.tileNames()));
    defects.push(...servedCheckpoint(folder, newest));
  }
  return {
    heads,
    defects,
    checkpoints: records.length,
    newest,
    witnessed,
    tiles,
    leafAt: leavesOf(folder, newest?.size ?? 0),
  };
}

/** Cosigned checkpoints are kept as they come: trees that grow, none twice. */
function repeated(folder: AuditFolder): readonly Defect[] {
  const cosigned = folder.cosignedCheckpoints();
  return cosigned.flatMap(({ size, note }, at) => {
    const before = cosigned[at - 1];
    if (before === undefined || (size >= before.size && note !== before.note)) return [];
    const where = `cosigned checkpoint of size ${size}`;
    return [{ code: 'AUDIT.CHECKPOINT_CHAIN_BROKEN' as const, where, message: `${where}: out of order` }];
  });
}

/** The file that is served as `checkpoint` is the newest one, signed by the log. */
function servedCheckpoint(folder: AuditFolder, newest: TreeHead): readonly Defect[] {
  const where = 'tiles/checkpoint';
  const note = folder.tiles.readCheckpoint();
  const trust: TrustPolicy = { log: folder.keyring, witnesses: [], witnessQuorum: 0 };
  const verified = note === undefined ? undefined : verifyCheckpoint(note, trust);
  if (verified?.ok === true && headOfNote(note ?? '')?.size === newest.size) return [];
  const why =
    verified === undefined
      ? 'it is missing'
      : verified.ok
        ? `it is not of the newest tree, of ${newest.size}`
        : verified.failure.message;
  return [{ code: 'AUDIT.CHECKPOINT_INVALID', where, message: `${where}: ${why}` }];
}

/** Leaves by position; the tile read last stays open, because they are asked for in order. */
function leavesOf(folder: AuditFolder, size: number): (index: number) => Hash | undefined {
  let open: { readonly index: number; readonly bytes: Uint8Array | undefined } | undefined;
  return (index) => {
    if (index >= size) return undefined;
    const tile = Math.floor(index / TILE_WIDTH);
    if (open?.index !== tile) {
      const width = Math.min(TILE_WIDTH, size - tile * TILE_WIDTH);
      open = { index: tile, bytes: folder.tiles.read({ level: 0, index: tile, width }) };
    }
    const at = (index - tile * TILE_WIDTH) * HASH_BYTES;
    const leaf = open.bytes?.subarray(at, at + HASH_BYTES);
    return leaf?.length === HASH_BYTES ? Uint8Array.from(leaf) : undefined;
  };
}
