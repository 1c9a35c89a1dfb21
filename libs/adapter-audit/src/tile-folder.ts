import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TILE_WIDTH, tilePath } from '@evenkeel/audit';
import type { TileId } from '@evenkeel/audit';
import { readIfPresent, writeDurably } from './durable-file';

const HASH_BYTES = 32;

/** A tlog-tiles tree in a folder, laid out so that a static web server can serve it as it is. */
export class TileFolder {
  constructor(private readonly folder: string) {}

  /** Arrow-shaped so it can be handed on as a TileSink. */
  readonly write = (tile: TileId, bytes: Uint8Array): void => {
    const path = this.pathOf(tile);
    writeDurably(path, bytes);
    // A full tile answers for the partial ones before it, which would otherwise pile up with every checkpoint.
    if (tile.width === TILE_WIDTH) rmSync(`${path}.p`, { recursive: true, force: true });
  };

  /** Arrow-shaped so it can be handed on as a TileReader. A full tile answers for its partial ones (not so entry bundles). */
  readonly read = (tile: TileId): Uint8Array | undefined => {
    const exact = this.readExact(tile);
    if (exact !== undefined || tile.width === TILE_WIDTH || tile.level === 'entries') return exact;
    return this.readExact({ ...tile, width: TILE_WIDTH })?.subarray(0, tile.width * HASH_BYTES);
  };

  /** This very file. */
  readExact(tile: TileId): Uint8Array | undefined {
    return readIfPresent(this.pathOf(tile));
  }

  /** The served checkpoint: mutable, replaced whole. */
  writeCheckpoint(note: string): void {
    writeDurably(join(this.folder, 'checkpoint'), note);
  }

  readCheckpoint(): string | undefined {
    return readIfPresent(join(this.folder, 'checkpoint'))?.toString('utf8');
  }

  pathOf(tile: TileId): string {
    return join(this.folder, tilePath(tile));
  }
}
