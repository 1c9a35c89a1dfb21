import { TILE_WIDTH, decodeEntryBundle, encodeEntryBundle } from '@evenkeel/audit';
import { IntegrityFault } from '@evenkeel/kernel';
import type { TileFolder } from './tile-folder';

/** Leaf data beside the tiles, as tlog-tiles entry bundles: what a monitor needs to recompute the tree. */
export class EntryFolder {
  private pending: Uint8Array[] = [];
  private bundle = 0;

  constructor(
    private readonly tiles: TileFolder,
    size: number,
  ) {
    this.bundle = Math.floor(size / TILE_WIDTH);
    const width = size % TILE_WIDTH;
    if (width > 0) this.pending = [...this.readPartial(width)];
  }

  private readPartial(width: number): readonly Uint8Array[] {
    const tile = { level: 'entries', index: this.bundle, width } as const;
    const exact = this.tiles.readExact(tile);
    const full = this.tiles.readExact({ ...tile, width: TILE_WIDTH });
    const entries =
      exact === undefined
        ? full === undefined
          ? undefined
          : decodeEntryBundle(full, TILE_WIDTH)?.slice(0, width)
        : decodeEntryBundle(exact, width);
    if (entries !== undefined) return entries;
    throw new IntegrityFault({
      code: 'AUDIT.TREE_DAMAGED',
      message: `The entry bundle ${this.bundle} is missing or damaged.`,
    });
  }

  append(entry: Uint8Array): void {
    this.pending.push(entry);
    if (this.pending.length < TILE_WIDTH) return;
    this.write();
    this.pending = [];
    this.bundle += 1;
  }

  flush(): void {
    if (this.pending.length > 0) this.write();
  }

  private write(): void {
    this.tiles.write(
      { level: 'entries', index: this.bundle, width: this.pending.length },
      encodeEntryBundle(this.pending),
    );
  }
}
