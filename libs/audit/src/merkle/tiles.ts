import { assert, required } from '@evenkeel/kernel';
import { HASH_BYTES, rfc6962 } from './hasher';
import type { Hash, MerkleHasher } from './hasher';
import { assertSize, powerOfTwo } from './tree-shape';
import type { NodeId, NodeSource } from './tree-shape';

/** C2SP tlog-tiles: hashes per full tile, and the tree levels one tile spans. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

/** Tile `index` at tile level `level`; `width` 256 is a full tile, 1 to 255 a partial one. */
export interface TileId {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`: N in zero-padded groups of three digits, all but the last led by an x. */
export function tilePath(tile: TileId): string {
  assertSize(tile.index, 'a tile index');
  assert(tile.width >= 1 && tile.width <= TILE_WIDTH, 'a tile holds 1 to 256 hashes');
  const groups: string[] = [];
  let rest = tile.index;
  do {
    const group = String(rest % 1000).padStart(3, '0');
    groups.unshift(groups.length === 0 ? group : `x${group}`);
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  const partial = tile.width === TILE_WIDTH ? '' : `.p/${tile.width}`;
  return `tile/${tile.level}/${groups.join('/')}${partial}`;
}

const TILE_PATH = /^tile\/(0|[1-9]\d?|entries)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
const TILE_LEVEL_MAX = 63;

/** Reads a tile path; `undefined` for anything `tilePath` would not write. */
export function parseTilePath(path: string): TileId | undefined {
  const match = TILE_PATH.exec(path);
  if (match === null) return undefined;
  const level = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const index = Number(`${(match[2] ?? '').replace(/[x/]/g, '')}${match[3] ?? ''}`);
  const width = match[4] === undefined ? TILE_WIDTH : Number(match[4]);
  if ((level !== 'entries' && level > TILE_LEVEL_MAX) || !Number.isSafeInteger(index)) return undefined;
  if (match[4] !== undefined && width >= TILE_WIDTH) return undefined;
  const tile: TileId = { level, index, width };
  return tilePath(tile) === path ? tile : undefined;
}

/** Leaves under one hash of a tile of this level. */
export function leavesPerHash(level: TileId['level']): number {
  return powerOfTwo(level === 'entries' ? 0 : level * TILE_HEIGHT);
}

/** The tile that holds hash `index` of tile level `level` in a tree of `size` leaves, as wide as that tree made it. */
export function tileOfHash(level: number, index: number, size: number): TileId {
  const tileIndex = Math.floor(index / TILE_WIDTH);
  const complete = Math.floor(size / leavesPerHash(level));
  return { level, index: tileIndex, width: Math.min(TILE_WIDTH, complete - tileIndex * TILE_WIDTH) };
}

/** The tile whose hashes give a perfect subtree of a tree of `size` leaves. */
export function tileOfNode(node: NodeId, size: number): TileId {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const firstHash = node.index * powerOfTwo(node.level - level * TILE_HEIGHT);
  return tileOfHash(level, firstHash, size);
}

/** The partial tiles of a tree of `size` leaves, lowest level first; empty ones are not listed. */
export function partialTiles(size: number): readonly TileId[] {
  assertSize(size, 'a tree size');
  const tiles: TileId[] = [];
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  return tiles;
}

/** Every tile of a tree of `size` leaves, lowest level first, entry bundles not included. */
export function* allTiles(size: number): Generator<TileId> {
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const full = Math.floor(hashes / TILE_WIDTH);
    for (let index = 0; index < full; index += 1) yield { level, index, width: TILE_WIDTH };
    if (hashes % TILE_WIDTH > 0) yield { level, index: full, width: hashes % TILE_WIDTH };
  }
}

export function encodeTile(hashes: readonly Hash[]): Uint8Array {
  assert(hashes.length >= 1 && hashes.length <= TILE_WIDTH, 'a tile holds 1 to 256 hashes');
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [at, hash] of hashes.entries()) bytes.set(hash, at * HASH_BYTES);
  return bytes;
}

/** The hashes of a tile of a known width; `undefined` when the bytes have another length. */
export function decodeTile(bytes: Uint8Array, width: number): readonly Hash[] | undefined {
  if (bytes.length !== width * HASH_BYTES) return undefined;
  return Array.from({ length: width }, (_, at) => bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/** The bytes of a tile, already fetched; `undefined` when it is not there. A full tile may answer for a partial one. */
export type TileReader = (tile: TileId) => Uint8Array | undefined;

/**
 * Perfect subtrees of the tree of `size` leaves, out of its tiles. Interior levels of a tile are hashed on first use
 * and remembered for the life of the source. A missing or misshapen tile throws through `broken`.
 */
export function nodesFromTiles(
  size: number,
  read: TileReader,
  broken: (tile: TileId, why: string) => never,
  hasher: MerkleHasher = rfc6962,
): NodeSource {
  const expanded = new Map<string, (Hash | undefined)[][]>();
  const load = (tile: TileId): (Hash | undefined)[][] => {
    const path = tilePath(tile);
    const known = expanded.get(path);
    if (known !== undefined) return known;
    const bytes = read(tile);
    if (bytes === undefined) return broken(tile, 'is missing');
    const hashes = decodeTile(bytes.slice(0, tile.width * HASH_BYTES), tile.width);
    if (hashes === undefined) return broken(tile, `has ${bytes.length} bytes`);
    const levels: (Hash | undefined)[][] = [[...hashes], ...Array.from({ length: TILE_HEIGHT }, () => [])];
    expanded.set(path, levels);
    return levels;
  };
  const inside = (levels: (Hash | undefined)[][], level: number, at: number): Hash => {
    const row = required(levels[level], 'a level inside a tile');
    const known = row[at];
    if (known !== undefined) return known;
    assert(level > 0, 'the tile is wide enough for the subtree asked of it');
    const hash = hasher.node(inside(levels, level - 1, at * 2), inside(levels, level - 1, at * 2 + 1));
    row[at] = hash;
    return hash;
  };
  return (node) => {
    const tile = tileOfNode(node, size);
    const level = node.level % TILE_HEIGHT;
    return inside(load(tile), level, node.index % powerOfTwo(TILE_HEIGHT - level));
  };
}
