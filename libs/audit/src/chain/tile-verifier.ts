import { sameBytes } from '@evenkeel/kernel';
import { decodeEntryBundle } from '../merkle/entry-bundle';
import { MerkleFrontier } from '../merkle/frontier';
import { HASH_BYTES, rfc6962 } from '../merkle/hasher';
import type { Hash, MerkleHasher } from '../merkle/hasher';
import type { TreeHead } from '../merkle/consistency';
import {
  TILE_WIDTH,
  allTiles,
  decodeTile,
  leavesPerHash,
  parseTilePath,
  partialTiles,
  tilePath,
} from '../merkle/tiles';
import type { TileId, TileReader } from '../merkle/tiles';
import type { Defect } from './defect';

export interface TileCheck {
  /** A head out of a verified checkpoint. */
  readonly head: TreeHead;
  readonly read: TileReader;
  /** Entry bundles, where they are kept. */
  readonly readEntries?: TileReader;
  readonly hasher?: MerkleHasher;
}

export interface TileReport {
  readonly tiles: number;
  readonly defects: readonly Defect[];
}

/**
 * Checks a stored tree from the root down: the right-edge tiles against the signed root, every full tile against the
 * hash its parent holds of it, every entry against its leaf hash. A damaged tile is named by its path and the rows
 * under it; what lies below a damaged tile is checked as far as sound parents reach.
 */
export function verifyTiles(check: TileCheck): TileReport {
  const { head } = check;
  const hasher = check.hasher ?? rfc6962;
  const defects: Defect[] = [];
  const loaded = loadTiles(check, defects);
  checkEdge(head, loaded, hasher, defects);
  const damaged = new Set(defects.map((defect) => defect.where));
  // Highest level first, so that a parent is judged before its children.
  for (const [path, { tile, hashes }] of [...loaded].reverse()) {
    const level = Number(tile.level);
    if (level === 0 || damaged.has(path)) continue;
    for (const [at, expected] of hashes.entries()) {
      const child: TileId = { level: level - 1, index: tile.index * TILE_WIDTH + at, width: TILE_WIDTH };
      const childPath = tilePath(child);
      const below = loaded.get(childPath);
      if (below === undefined || sameBytes(rootOf(below.hashes, hasher), expected)) continue;
      damaged.add(childPath);
      defects.push(tileDefect('AUDIT.TILE_MISMATCH', child, head.size, `does not hash to what ${path} says`));
    }
  }
  if (check.readEntries !== undefined) checkEntries(check, loaded, hasher, defects);
  return { tiles: loaded.size, defects };
}

interface LoadedTile {
  readonly tile: TileId;
  readonly hashes: readonly Hash[];
}

function loadTiles(check: TileCheck, defects: Defect[]): Map<string, LoadedTile> {
  const loaded = new Map<string, LoadedTile>();
  for (const tile of allTiles(check.head.size)) {
    const bytes = check.read(tile);
    const hashes = bytes === undefined ? undefined : decodeTile(bytes, tile.width);
    if (bytes === undefined)
      defects.push(tileDefect('AUDIT.TILE_MISSING', tile, check.head.size, 'is missing'));
    else if (hashes === undefined) {
      const why = `has ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`;
      defects.push(tileDefect('AUDIT.TILE_MALFORMED', tile, check.head.size, why));
    } else loaded.set(tilePath(tile), { tile, hashes });
  }
  return loaded;
}

function rootOf(hashes: readonly Hash[], hasher: MerkleHasher): Hash {
  const frontier = new MerkleFrontier(hasher);
  for (const hash of hashes) frontier.append(hash);
  return frontier.root();
}

/** The root that the right-edge tiles add up to. */
function edgeRoot(edge: readonly (readonly Hash[])[], hasher: MerkleHasher): Hash {
  let root: Hash | undefined;
  for (const hashes of edge) {
    const own = new MerkleFrontier(hasher);
    for (const hash of hashes) own.append(hash);
    // Right of this tile's hashes stands everything of the levels below.
    root = root === undefined ? own.root() : foldRight(own, root, hasher);
  }
  return root ?? hasher.emptyRoot;
}

/** MTH of the perfect subtrees of a frontier with `right` standing to their right. */
function foldRight(frontier: MerkleFrontier, right: Hash, hasher: MerkleHasher): Hash {
  return [...frontier.peaks()].reverse().reduce((hash, peak) => hasher.node(peak, hash), right);
}

/**
 * The right edge is judged whole by the root. When it fails, each of its tiles in turn is replaced by what its
 * children or entries say; the one whose replacement makes the root right is the damaged one.
 */
function checkEdge(
  head: TreeHead,
  loaded: ReadonlyMap<string, LoadedTile>,
  hasher: MerkleHasher,
  defects: Defect[],
): void {
  const tiles = partialTiles(head.size);
  const edge = tiles.map((tile) => loaded.get(tilePath(tile))?.hashes);
  const whole = edge.filter((hashes) => hashes !== undefined);
  if (whole.length < tiles.length) return;
  if (sameBytes(edgeRoot(whole, hasher), head.root)) return;
  const culprits = tiles.filter((tile, at) => {
    const rebuilt = rebuiltFromChildren(tile, loaded, hasher);
    if (rebuilt === undefined) return false;
    return sameBytes(
      edgeRoot(
        whole.map((hashes, position) => (position === at ? rebuilt : hashes)),
        hasher,
      ),
      head.root,
    );
  });
  for (const tile of culprits.length > 0 ? culprits : tiles) {
    defects.push(tileDefect('AUDIT.TILE_MISMATCH', tile, head.size, 'is not what the signed root says'));
  }
}

function rebuiltFromChildren(
  tile: TileId,
  loaded: ReadonlyMap<string, LoadedTile>,
  hasher: MerkleHasher,
): readonly Hash[] | undefined {
  const level = Number(tile.level);
  if (level === 0) return undefined;
  const hashes: Hash[] = [];
  for (let at = 0; at < tile.width; at += 1) {
    const child = loaded.get(
      tilePath({ level: level - 1, index: tile.index * TILE_WIDTH + at, width: TILE_WIDTH }),
    );
    if (child === undefined) return undefined;
    hashes.push(rootOf(child.hashes, hasher));
  }
  return hashes;
}

function checkEntries(
  check: TileCheck,
  loaded: ReadonlyMap<string, LoadedTile>,
  hasher: MerkleHasher,
  defects: Defect[],
): void {
  for (const tile of allTiles(check.head.size)) {
    if (tile.level !== 0) return;
    // Without its tile a bundle is still read for its shape.
    const hashes = loaded.get(tilePath(tile))?.hashes;
    const bundle: TileId = { ...tile, level: 'entries' };
    const bytes = check.readEntries?.(bundle);
    const entries = bytes === undefined ? undefined : decodeEntryBundle(bytes, tile.width);
    if (entries === undefined) {
      const code = bytes === undefined ? 'AUDIT.TILE_MISSING' : 'AUDIT.TILE_MALFORMED';
      const why = bytes === undefined ? 'is missing' : `is not ${tile.width} entries`;
      defects.push(tileDefect(code, bundle, check.head.size, why));
      continue;
    }
    for (const [at, entry] of entries.entries()) {
      const hash = hashes?.[at];
      if (hash === undefined || sameBytes(hasher.leaf(entry), hash)) continue;
      const row = tile.index * TILE_WIDTH + at + 1;
      defects.push({
        code: 'AUDIT.ENTRY_MISMATCH',
        seq: row,
        where: tilePath(bundle),
        message: `${tilePath(bundle)}: the entry of row ${row} does not hash to its leaf.`,
      });
    }
  }
}

function tileDefect(code: Defect['code'], tile: TileId, size: number, why: string): Defect {
  const path = tilePath(tile);
  const span = leavesPerHash(tile.level);
  const from = tile.index * TILE_WIDTH * span + 1;
  const until = Math.min(size, (tile.index * TILE_WIDTH + tile.width) * span);
  return {
    code,
    where: path,
    seq: from,
    untilSeq: until,
    message: `${path} ${why} (rows ${from} to ${until}).`,
  };
}

/** Files in a tile folder that no tree of this size has, past partial tiles aside: inserted or misplaced ones. */
export function strayTiles(size: number, paths: readonly string[]): readonly Defect[] {
  return paths
    .filter((path) => !belongs(path, size))
    .map((path) => ({
      code: 'AUDIT.TILE_STRAY' as const,
      where: path,
      message: `${path} is not a tile of a tree of ${size}.`,
    }));
}

function belongs(path: string, size: number): boolean {
  const tile = parseTilePath(path);
  if (tile === undefined) return false;
  const span = leavesPerHash(tile.level);
  return tile.index * TILE_WIDTH + tile.width <= Math.floor(size / span);
}
