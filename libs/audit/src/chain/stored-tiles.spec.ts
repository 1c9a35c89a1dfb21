import { createHash } from 'node:crypto';
import { createRandom, required, utf8 } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { encodeEntryBundle } from '../merkle/entry-bundle';
import { createMerkleHasher } from '../merkle/hasher';
import { leafData } from '../merkle/leaf';
import { TileLog } from '../merkle/tile-log';
import { tilePath } from '../merkle/tiles';
import type { TileId } from '../merkle/tiles';
import { flipBit } from '../testing/flip-bit.test-support';
import { strayTiles, verifyTiles } from './tile-verifier';

/** Leaves are made with the native SHA-256: these trees are large. */
const native = createMerkleHasher((bytes) => Uint8Array.from(createHash('sha256').update(bytes).digest()));

interface StoredTree {
  readonly files: ReadonlyMap<string, Uint8Array>;
  check(files: ReadonlyMap<string, Uint8Array>): string[];
}

function storeTree(size: number): StoredTree {
  const files = new Map<string, Uint8Array>();
  const log = new TileLog((tile, bytes) => files.set(tilePath(tile), bytes), native);
  const entries = Array.from({ length: size }, (_, at) =>
    leafData({ epoch: '1', seq: at + 1, commitHash: String(at).padStart(64, '0') }),
  );
  for (const entry of entries) log.append(native.leaf(entry));
  log.flush();
  for (let at = 0; at < size; at += 256) {
    const group = entries.slice(at, at + 256);
    files.set(tilePath({ level: 'entries', index: at / 256, width: group.length }), encodeEntryBundle(group));
  }
  const head = { size, root: log.root() };
  return {
    files,
    check(store) {
      const read = (tile: TileId): Uint8Array | undefined => store.get(tilePath(tile));
      const found = verifyTiles({ head, read, readEntries: read, hasher: native }).defects;
      return [...found, ...strayTiles(size, [...store.keys()])].map((defect) => defect.where ?? '');
    },
  };
}

/** Ways to damage one file of a store, each as the content of one or two files; undefined is a deletion. */
function damages(
  files: ReadonlyMap<string, Uint8Array>,
  path: string,
  random: Random,
): (readonly [string, Uint8Array | undefined])[][] {
  const bytes = required(files.get(path), path);
  const same = [...files].find(([name, content]) => name !== path && content.length === bytes.length);
  const [other, otherBytes] =
    same ??
    required(
      [...files].find(([name]) => name !== path),
      'another file',
    );
  return [
    [[path, flipBit(bytes, random)]],
    [[path, undefined]],
    [[path, bytes.slice(0, -1)]],
    [[path, bytes.slice(32)]],
    [[path, Uint8Array.from([...bytes, 0])]],
    [[path, otherBytes]],
    [
      [path, otherBytes],
      [other, bytes],
    ],
  ];
}

describe('stored tiles', () => {
  const expectNamed = (tree: StoredTree, path: string, random: Random): void => {
    for (const damage of damages(tree.files, path, random)) {
      const store = new Map(tree.files);
      for (const [name, content] of damage) {
        if (content === undefined) store.delete(name);
        else store.set(name, content);
      }
      const named = tree.check(store);
      if (!named.includes(path)) throw new Error(`${path}: ${JSON.stringify(named.slice(0, 5))}`);
    }
  };

  it('raise no alarm when they are sound, and name every damaged file of a small tree', () => {
    const tree = storeTree(1100);
    expect(tree.check(tree.files)).toEqual([]);
    expect(tree.files.size).toBe(5 + 1 + 5);
    const random = createRandom('small tree');
    for (const path of tree.files.keys()) expectNamed(tree, path, random);
    const inserted = new Map(tree.files)
      .set('tile/0/005', new Uint8Array(8192))
      .set('tile/notes.txt', utf8('x'));
    expect(tree.check(inserted)).toEqual(['tile/0/005', 'tile/notes.txt']);
  });

  it('name the damaged file of a tree three tiles high, whichever level it is on', () => {
    const tree = storeTree(66_100);
    expect(tree.check(tree.files)).toEqual([]);
    const random = createRandom('high tree');
    for (const path of ['tile/0/258.p/52', 'tile/1/000', 'tile/1/001.p/2', 'tile/2/000.p/1', 'tile/0/000']) {
      const store = new Map(tree.files).set(path, flipBit(required(tree.files.get(path), path), random));
      expect(tree.check(store)).toContain(path);
    }
  });
});
