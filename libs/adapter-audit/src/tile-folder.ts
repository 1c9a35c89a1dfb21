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
    writeDurably(this.pathOf(tile), bytes);
  };

  /** Arrow-shaped so it can be handed on as a TileReader. A full tile answers for its partial ones. */
  readonly read = (tile: TileId): Uint8Array | undefined => {
    const exact = readIfPresent(this.pathOf(tile));
    if (exact !== undefined || tile.width === TILE_WIDTH) return exact;
    const full = readIfPresent(this.pathOf({ ...tile, width: TILE_WIDTH }));
    return tile.level === 'entries' ? full : full?.subarray(0, tile.width * HASH_BYTES);
  };

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
