import { assert, required } from '@evenkeel/kernel';
import { MerkleFrontier } from './frontier';
import { rfc6962 } from './hasher';
import type { Hash, MerkleHasher } from './hasher';
import { TILE_HEIGHT, TILE_WIDTH, decodeTile, encodeTile, partialTiles } from './tiles';
import type { TileId, TileReader } from './tiles';

/** Receives a finished tile. Full tiles are final; a partial tile belongs to the tree size it was asked for. */
export type TileSink = (tile: TileId, bytes: Uint8Array) => void;

/**
 * An append-only tree that writes itself out as tiles. Memory is O(256·log n). Full tiles reach the sink as they fill;
 * partial ones when `flush()` is called, which a host does before it signs a checkpoint of this size.
 */
export class TileLog {
  private frontier: MerkleFrontier;
  private readonly pending: Hash[][] = [];
  private readonly written: number[] = [];

  constructor(
    private readonly sink: TileSink,
    private readonly hasher: MerkleHasher = rfc6962,
  ) {
    this.frontier = new MerkleFrontier(hasher);
  }

  get size(): number {
    return this.frontier.size;
  }

  root(): Hash {
    return this.frontier.root();
  }

  append(leafHash: Hash): void {
    this.frontier.append(leafHash, (node, hash) => {
      if (node.level % TILE_HEIGHT === 0) this.collect(node.level / TILE_HEIGHT, node.index, hash);
    });
  }

  private collect(level: number, index: number, hash: Hash): void {
    const hashes = (this.pending[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    this.sink({ level, index: Math.floor(index / TILE_WIDTH), width: TILE_WIDTH }, encodeTile(hashes));
    this.pending[level] = [];
  }

  /** Writes the partial tiles of the tree as it stands; those written before and unchanged are not written again. */
  flush(): void {
    for (const tile of partialTiles(this.size)) {
      const level = Number(tile.level);
      const hashes = required(this.pending[level], 'the hashes of a partial tile');
      assert(hashes.length === tile.width, 'a partial tile is as wide as the tree size says');
      const stamp = tile.index * TILE_WIDTH + tile.width;
      if (this.written[level] === stamp) continue;
      this.sink(tile, encodeTile(hashes));
      this.written[level] = stamp;
    }
  }

  /**
   * Continues a log of `size` leaves from its partial tiles. `undefined` when one of them is missing or misshapen; the
   * caller compares `root()` with the checkpoint it trusts before appending.
   */
  static resume(
    size: number,
    read: TileReader,
    sink: TileSink,
    hasher: MerkleHasher = rfc6962,
  ): TileLog | undefined {
    const log = new TileLog(sink, hasher);
    const nodes: string[] = [];
    for (const tile of [...partialTiles(size)].reverse()) {
      const bytes = read(tile);
      const hashes = bytes === undefined ? undefined : decodeTile(bytes, tile.width);
      if (hashes === undefined) return undefined;
      const level = Number(tile.level);
      log.pending[level] = [...hashes];
      log.written[level] = tile.index * TILE_WIDTH + tile.width;
      const edge = new MerkleFrontier(hasher);
      for (const hash of hashes) edge.append(hash);
      nodes.push(...edge.record().nodes);
    }
    const frontier = MerkleFrontier.restore({ size, nodes }, hasher);
    if (frontier === undefined) return undefined;
    log.frontier = frontier;
    return log;
  }
}
