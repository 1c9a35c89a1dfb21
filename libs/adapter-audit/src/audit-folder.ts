import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inclusionProof, nodesFromTiles, rfc6962, tilePath } from '@evenkeel/audit';
import type { CheckpointRecord, Hash, HeadRecord, Keyring, TileId } from '@evenkeel/audit';
import { IntegrityFault } from '@evenkeel/kernel';
import type { CoveringCheckpoint, SignedLog } from '@evenkeel/reconstruction';
import { CheckpointFile } from './checkpoint-file';
import { CosignedFile } from './cosigned-file';
import type { CosignedCheckpoint } from './cosigned-file';
import { HeadFolder } from './head-folder';
import { keyringOfIdentity, noLog, readLogIdentity } from './log-identity';
import type { LogIdentity } from './log-identity';
import { headOfNote } from './note-head';
import { TileFolder } from './tile-folder';

/** An audit folder as readers see it: the tree of a log, what was signed over it, and by whom. Writes nothing. */
export class AuditFolder implements SignedLog {
  readonly tiles: TileFolder;
  private readonly records: readonly CheckpointRecord[];
  private readonly cosigned: readonly CosignedCheckpoint[];

  private constructor(
    readonly folder: string,
    readonly identity: LogIdentity,
    readonly keyring: Keyring,
  ) {
    this.tiles = new TileFolder(join(folder, 'tiles'));
    this.records = new CheckpointFile(join(folder, 'checkpoints.jsonl'), 'read').records();
    this.cosigned = new CosignedFile(join(folder, 'cosigned.jsonl'), 'read').all();
  }

  /** Throws `AUDIT.NO_LOG` where no log was begun. */
  static open(folder: string): AuditFolder {
    const identity = readLogIdentity(folder);
    if (identity === undefined) throw noLog(folder);
    return new AuditFolder(folder, identity, keyringOfIdentity(identity));
  }

  /** Every kept checkpoint, oldest first. */
  checkpoints(): readonly CheckpointRecord[] {
    return this.records;
  }

  /** Checkpoints as witnesses cosigned them, oldest first. */
  cosignedCheckpoints(): readonly CosignedCheckpoint[] {
    return this.cosigned;
  }

  /** What the issuer remembers to have signed last. */
  lastSigned(): Promise<HeadRecord | undefined> {
    return new HeadFolder(join(this.folder, 'heads')).load(this.identity.origin);
  }

  newest(): CoveringCheckpoint | undefined {
    return this.covering(0);
  }

  /**
   * The newest checkpoint whose tree holds the leaf; where a cosigned one holds it too, the newest of those.
   * `undefined` when the leaf has not been signed yet.
   */
  covering(index: number): CoveringCheckpoint | undefined {
    const newest = this.records[this.records.length - 1];
    const head = newest === undefined ? undefined : headOfNote(newest.note);
    if (newest === undefined || head === undefined || head.size <= index) return undefined;
    const witnessed = [...this.cosigned].sort((a, b) => a.size - b.size).pop();
    const cosignedHead = witnessed === undefined ? undefined : headOfNote(witnessed.note);
    if (witnessed !== undefined && cosignedHead !== undefined && cosignedHead.size > index)
      return { note: witnessed.note, head: cosignedHead, witnesses: witnessed.witnesses };
    return { note: newest.note, head, witnesses: [] };
  }

  /** Inclusion proof of a leaf in the tree of `size`. Throws `AUDIT.TREE_DAMAGED` when a tile is missing or misshapen. */
  proofOf(index: number, size: number): readonly Hash[] {
    return inclusionProof(index, size, nodesFromTiles(size, this.tiles.read, brokenTile, rfc6962), rfc6962);
  }

  /** Names of the files under `tiles/`, apart from the served checkpoint. */
  tileNames(): readonly string[] {
    const root = join(this.folder, 'tiles');
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .filter((name) => name !== 'checkpoint');
  }
}

function brokenTile(tile: TileId, why: string): never {
  throw new IntegrityFault({
    code: 'AUDIT.TREE_DAMAGED',
    message: `The audit tree is damaged: ${tilePath(tile)} ${why}.`,
  });
}
