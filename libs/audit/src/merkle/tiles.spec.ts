import { createRandom, required, sameBytes, toHex, utf8 } from '@evenkeel/kernel';
import { consistencyProof, verifyConsistency } from './consistency';
import { decodeEntryBundle, encodeEntryBundle } from './entry-bundle';
import { MerkleFrontier } from './frontier';
import { rfc6962 } from './hasher';
import type { Hash } from './hasher';
import { inclusionProof, verifyInclusion } from './inclusion';
import { TileLog } from './tile-log';
import { allTiles, nodesFromTiles, parseTilePath, partialTiles, tileOfNode, tilePath } from './tiles';
import type { TileId, TileReader } from './tiles';

const leaf = (at: number): Hash => rfc6962.leaf(utf8(`leaf ${at}`));

function brokenTile(tile: TileId, why: string): never {
  throw new Error(`${tilePath(tile)} ${why}`);
}

interface Store {
  readonly files: Map<string, Uint8Array>;
  readonly read: TileReader;
  readonly write: (tile: TileId, bytes: Uint8Array) => void;
}

function createStore(): Store {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: (tile) => files.get(tilePath(tile)) ?? files.get(tilePath({ ...tile, width: 256 })),
    write: (tile, bytes) => files.set(tilePath(tile), bytes),
  };
}

describe('tile paths', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 2, index: 0, width: 1 }, 'tile/2/000.p/1'],
    [{ level: 'entries', index: 273, width: 112 }, 'tile/entries/273.p/112'],
  ] as const)('writes and reads %j', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it.each([
    'tile/0/0',
    'tile/00/000',
    'tile/64/000',
    'tile/0/x000/001',
    'tile/0/000.p/256',
    'tile/0/000.p/0',
    'tile/0/001/x002',
    '../tile/0/000',
    'tile/0/000/',
  ])('refuses %s', (path) => expect(parseTilePath(path)).toBeUndefined());

  it('lists the tiles of the specification example: 70,000 leaves', () => {
    const tiles = [...allTiles(70_000)];
    expect(tiles.filter((tile) => tile.level === 0 && tile.width === 256)).toHaveLength(273);
    expect(partialTiles(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(partialTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
  });
});

describe('a tree written as tiles', () => {
  const sizes = [1, 2, 255, 256, 257, 511, 700, 65_535, 65_536, 65_537, 66_000];
  const store = createStore();
  const log = new TileLog(store.write);
  const roots = new Map<number, Hash>();
  for (let at = 0; at < 66_000; at += 1) {
    log.append(leaf(at));
    if (sizes.includes(at + 1)) {
      log.flush();
      roots.set(at + 1, log.root());
    }
  }

  it('holds exactly the tiles the specification names for its size', () => {
    for (const tile of allTiles(66_000))
      expect(store.files.get(tilePath(tile))).toHaveLength(tile.width * 32);
  });

  it.each(sizes)('gives inclusion and consistency proofs at size %i from tiles alone', (size) => {
    const nodes = nodesFromTiles(size, store.read, brokenTile);
    const root = required(roots.get(size), 'a root');
    const random = createRandom(`tiles ${size}`);
    for (let round = 0; round < 20; round += 1) {
      const index = random.integer(size);
      const proof = inclusionProof(index, size, nodes);
      expect(verifyInclusion({ index, size, leafHash: leaf(index), proof }, root)).toBe(true);
    }
    for (const oldSize of sizes.filter((old) => old <= size)) {
      const proof = consistencyProof(oldSize, size, nodes);
      const old = { size: oldSize, root: required(roots.get(oldSize), 'a root') };
      expect(verifyConsistency(old, { size, root }, proof)).toBe(true);
    }
  });

  it.each(sizes)('resumes from its tiles at size %i with the same root and the same tiles after', (size) => {
    const after = createStore();
    const resumed = required(TileLog.resume(size, store.read, after.write), 'a resumed log');
    expect(toHex(resumed.root())).toBe(toHex(required(roots.get(size), 'a root')));
    for (let at = size; at < Math.min(size + 600, 66_000); at += 1) resumed.append(leaf(at));
    for (const [path, bytes] of after.files)
      expect(sameBytes(bytes, required(store.files.get(path), path))).toBe(true);
  });

  it('refuses to resume without a partial tile it needs', () => {
    expect(TileLog.resume(700, () => undefined, store.write)).toBeUndefined();
  });

  it('says which tile is missing or misshapen', () => {
    const path = tilePath(tileOfNode({ level: 0, index: 300 }, 700));
    const without = nodesFromTiles(
      700,
      (tile) => (tilePath(tile) === path ? undefined : store.read(tile)),
      brokenTile,
    );
    expect(() => inclusionProof(301, 700, without)).toThrow(path);
    const short = nodesFromTiles(700, (tile) => store.read(tile)?.slice(1), brokenTile);
    expect(() => inclusionProof(301, 700, short)).toThrow('bytes');
  });

  it('agrees with the plain frontier', () => {
    const frontier = new MerkleFrontier();
    for (let at = 0; at < 700; at += 1) frontier.append(leaf(at));
    expect(toHex(frontier.root())).toBe(toHex(required(roots.get(700), 'a root')));
  });
});

describe('entry bundles', () => {
  it('round-trip and refuse truncated, extended and miscounted bytes', () => {
    const random = createRandom('bundles');
    const entries = Array.from({ length: 256 }, (_, at) => utf8('x'.repeat(random.integer(400)) + at));
    const bytes = encodeEntryBundle(entries);
    expect(decodeEntryBundle(bytes, 256)).toEqual(entries);
    expect(decodeEntryBundle(bytes, 255)).toBeUndefined();
    expect(decodeEntryBundle(bytes.slice(0, -1), 256)).toBeUndefined();
    expect(decodeEntryBundle(Uint8Array.from([...bytes, 0]), 256)).toBeUndefined();
  });
});
