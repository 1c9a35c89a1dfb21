import { join } from 'node:path';
import {
  CheckpointIssuer,
  TileLog,
  consistencyProof,
  inclusionProof,
  leafData,
  nodesFromTiles,
  rfc6962,
  tilePath,
} from '@evenkeel/audit';
import type {
  CheckpointRecord,
  Hash,
  HeadRecord,
  LeafFacts,
  SigningPort,
  TileId,
  WitnessAlert,
} from '@evenkeel/audit';
import { IntegrityFault, toHex } from '@evenkeel/kernel';
import { CheckpointFile } from './checkpoint-file';
import { CosignedFile } from './cosigned-file';
import type { CosignedCheckpoint } from './cosigned-file';
import { EntryFolder } from './entry-folder';
import { HeadFolder } from './head-folder';
import { mergeCheckpointRecords } from './merge-records';
import { headOfNote } from './note-head';
import { TileFolder } from './tile-folder';
import type { WitnessClient } from './witness-client';

export interface AuditTrailOptions {
  readonly origin: string;
  /** Holds `tiles/` (servable as tlog-tiles), `heads/`, `checkpoints.jsonl` and `cosigned.jsonl`. */
  readonly folder: string;
  readonly signers: readonly SigningPort[];
  readonly witnesses?: WitnessClient;
  /** A checkpoint is due after so many commits (default 256) … */
  readonly commitsMax?: number;
  /** … or so many seconds after the last one, when there is anything new (default 10). */
  readonly secondsMax?: number;
}

export interface CosignRound {
  /** What was kept, where a witness cosigned. */
  readonly cosigned?: CosignedCheckpoint;
  readonly alerts: readonly WitnessAlert[];
}

export interface IssuedCheckpoint extends CosignRound {
  readonly record: CheckpointRecord;
}

/**
 * The tree of one log, in a folder: the ledger appends its rows in order and asks for checkpoints when they are due.
 * Opening goes back to the last signed head; the host appends again what came after it (`size` says from where).
 */
export class AuditTrail {
  /** When it was signed last; at first, when something to be signed was seen first. */
  private lastAt: number | undefined;
  private lastSize: number;
  private signing: Promise<unknown> = Promise.resolve();
  private readonly cosigned: CosignedFile;

  private constructor(
    private readonly options: AuditTrailOptions,
    private readonly tiles: TileFolder,
    private readonly log: TileLog,
    private readonly entries: EntryFolder,
    private readonly kept: CheckpointFile,
    private readonly issuer: CheckpointIssuer,
  ) {
    this.lastSize = log.size;
    this.cosigned = new CosignedFile(join(options.folder, 'cosigned.jsonl'));
  }

  /** Throws `AUDIT.TREE_DAMAGED` when the tiles do not give the head that was signed last. */
  static async open(options: AuditTrailOptions): Promise<AuditTrail> {
    const tiles = new TileFolder(join(options.folder, 'tiles'));
    const issuer = new CheckpointIssuer(options.origin, new HeadFolder(join(options.folder, 'heads')));
    const head = await issuer.last();
    const size = head?.size ?? 0;
    const log = TileLog.resume(size, tiles.read, tiles.write, rfc6962);
    if (log === undefined || (head !== undefined && toHex(log.root()) !== head.root)) {
      throw damaged(`the stored tiles do not give the head of size ${size} that was signed`);
    }
    const kept = new CheckpointFile(join(options.folder, 'checkpoints.jsonl'));
    const trail = new AuditTrail(options, tiles, log, new EntryFolder(tiles, size), kept, issuer);
    if (head !== undefined) await trail.catchUp(head);
    return trail;
  }

  /**
   * Takes over a history that was kept elsewhere, where the folder's own is shorter: after a folder was lost, so that
   * what was signed is not forgotten and cannot be contradicted.
   */
  static async restoreHistory(
    options: Pick<AuditTrailOptions, 'origin' | 'folder'>,
    history: readonly CheckpointRecord[],
  ): Promise<void> {
    const kept = new CheckpointFile(join(options.folder, 'checkpoints.jsonl'));
    const merged = mergeCheckpointRecords([
      { place: 'the audit folder', records: kept.records() },
      { place: 'the other copies', records: history },
    ]);
    for (const { note } of merged.slice(kept.count)) kept.append(note);
    const newest = merged[merged.length - 1];
    const head = newest === undefined ? undefined : headOfNote(newest.note);
    if (head === undefined) return;
    const heads = new HeadFolder(join(options.folder, 'heads'));
    const known = await heads.load(options.origin);
    if (known === undefined || known.size < head.size)
      await heads.save({ origin: options.origin, size: head.size, root: toHex(head.root) });
  }

  /**
   * Writes the whole tree again from the rows, in order from the first: after tiles were lost or damaged, or beside a
   * ledger that was rebuilt. Throws `AUDIT.HEAD_INCONSISTENT` when the rows do not give the head that was signed last,
   * and leaves the damaged tiles overwritten only as far as it got; nothing is signed.
   */
  static async rebuild(
    options: AuditTrailOptions,
    rows: Iterable<LeafFacts> | AsyncIterable<LeafFacts>,
  ): Promise<AuditTrail> {
    const tiles = new TileFolder(join(options.folder, 'tiles'));
    const issuer = new CheckpointIssuer(options.origin, new HeadFolder(join(options.folder, 'heads')));
    const head = await issuer.last();
    const log = new TileLog(tiles.write, rfc6962);
    const kept = new CheckpointFile(join(options.folder, 'checkpoints.jsonl'));
    const trail = new AuditTrail(options, tiles, log, new EntryFolder(tiles, 0), kept, issuer);
    for await (const facts of rows) {
      if (trail.size === head?.size) trail.confirm(head);
      trail.append(facts);
    }
    if (head !== undefined && trail.size <= head.size) trail.confirm(head);
    trail.lastSize = head?.size ?? 0;
    if (head !== undefined && trail.size === head.size) await trail.catchUp(head);
    trail.publishNewest();
    return trail;
  }

  /** The tree as it stands is the one that was signed. Its partial tiles are written, so that it can be opened again. */
  private confirm(head: HeadRecord): void {
    if (this.size !== head.size || toHex(this.root()) !== head.root) {
      throw new IntegrityFault({
        code: 'AUDIT.HEAD_INCONSISTENT',
        message: `The rows give a tree of ${this.size} that is not the signed one of ${head.size}.`,
      });
    }
    this.log.flush();
    this.entries.flush();
  }

  /** A crash between signing and keeping: the same head is signed again, which is no fork. */
  private async catchUp(head: HeadRecord): Promise<void> {
    if (sizeOf(this.kept.last()) < head.size) await this.issue(0);
  }

  /** Commits in the tree; the next append is the row at this position. */
  get size(): number {
    return this.log.size;
  }

  root(): Hash {
    return this.log.root();
  }

  append(facts: LeafFacts): void {
    const data = leafData(facts);
    this.log.append(rfc6962.leaf(data));
    this.entries.append(data);
  }

  /** Commits that no checkpoint covers yet. */
  get waiting(): number {
    return this.log.size - this.lastSize;
  }

  /** Enough of them for a checkpoint, whatever the time. */
  isFull(): boolean {
    return this.waiting >= (this.options.commitsMax ?? 256);
  }

  /** `now`: POSIX seconds. */
  isDue(now: number): boolean {
    if (this.waiting === 0) return false;
    this.lastAt ??= now;
    return this.isFull() || now - this.lastAt >= (this.options.secondsMax ?? 10);
  }

  /**
   * Signs the tree as it stands and keeps the checkpoint. Throws an `IntegrityFault` when the head does not extend the
   * last one signed: somebody else wrote this log. `now`: POSIX seconds.
   */
  sign(now: number): Promise<CheckpointRecord> {
    const turn = this.signing.then(() => this.issue(now));
    this.signing = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Brings the newest checkpoint to the witnesses and keeps it as they cosigned it. Waits for them, so a host lets it
   * run beside everything else; appending and signing go on meanwhile.
   */
  async cosign(): Promise<CosignRound> {
    const { witnesses } = this.options;
    const record = this.kept.last();
    if (witnesses === undefined || record === undefined) return { alerts: [] };
    const size = sizeOf(record);
    const known = this.cosigned.last();
    if (known?.size === size && known.witnesses.length >= witnesses.count) return { alerts: [] };
    const proofFrom = (oldSize: number): readonly Hash[] => this.consistency(oldSize, size);
    const { note, cosignedBy, alerts } = await witnesses.publish(record.note, size, proofFrom);
    if (cosignedBy.length === 0) return { alerts };
    const cosigned = { size, witnesses: [...cosignedBy].sort(), note };
    this.cosigned.append(cosigned);
    if (this.kept.last() === record) this.tiles.writeCheckpoint(note);
    return { cosigned, alerts };
  }

  /** Serves the newest kept checkpoint again, after a folder was restored. */
  publishNewest(): void {
    const newest = this.kept.last();
    if (newest !== undefined) this.tiles.writeCheckpoint(newest.note);
  }

  /** Signs, then asks the witnesses: both of the above, one after the other. */
  async checkpoint(now: number): Promise<IssuedCheckpoint> {
    const record = await this.sign(now);
    return { record, ...(await this.cosign()) };
  }

  private async issue(now: number): Promise<CheckpointRecord> {
    this.log.flush();
    this.entries.flush();
    const head = { size: this.log.size, root: this.log.root() };
    const last = await this.issuer.last();
    const proof = this.consistency(Math.min(last?.size ?? 0, head.size), head.size);
    const issued = await this.issuer.issue(head, proof, this.options.signers);
    if (!issued.ok) throw new IntegrityFault(issued.failure);
    this.lastAt = now;
    this.lastSize = head.size;
    const record = this.kept.append(issued.value);
    this.tiles.writeCheckpoint(issued.value);
    return record;
  }

  private consistency(oldSize: number, size: number): readonly Hash[] {
    return consistencyProof(oldSize, size, nodesFromTiles(size, this.tiles.read, brokenTile, rfc6962));
  }

  /** Inclusion proof of a row in the tree of a checkpoint of `size`. */
  proofOf(index: number, size: number): readonly Hash[] {
    return inclusionProof(index, size, nodesFromTiles(size, this.tiles.read, brokenTile, rfc6962));
  }

  /** The kept history after its first `number` checkpoints, oldest first. */
  checkpoints(number = 0): readonly CheckpointRecord[] {
    return this.kept.records(number);
  }

  /** How many checkpoints there are, and how many of them are in memory. */
  get checkpointCount(): number {
    return this.kept.count;
  }

  get heldCheckpoints(): number {
    return this.kept.heldCount;
  }

  /** Checkpoints as witnesses cosigned them, oldest first. */
  cosignedCheckpoints(): readonly CosignedCheckpoint[] {
    return this.cosigned.all();
  }

  lastSigned(): Promise<HeadRecord | undefined> {
    return this.issuer.last();
  }
}

function sizeOf(record: CheckpointRecord | undefined): number {
  return record === undefined ? -1 : (headOfNote(record.note)?.size ?? -1);
}

function brokenTile(tile: TileId, why: string): never {
  throw damaged(`${tilePath(tile)} ${why}`);
}

function damaged(why: string): IntegrityFault {
  return new IntegrityFault({ code: 'AUDIT.TREE_DAMAGED', message: `The audit tree is damaged: ${why}.` });
}
