import { createRandom, fromHex, required, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle';
import fc from 'fast-check';
import { consistencyProof, verifyConsistency } from './consistency';
import { MerkleFrontier } from './frontier';
import { rfc6962 } from './hasher';
import type { Hash } from './hasher';
import { inclusionProof, verifyInclusion } from './inclusion';
import { splitPoint } from './tree-shape';
import type { NodeId, NodeSource } from './tree-shape';

const hex = (text: string): Uint8Array => required(fromHex(text), 'hex in a test');

/** The eight leaves, roots and proofs published with the Certificate Transparency reference implementations. */
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const CT_INCLUSION: readonly [index: number, size: number, proof: readonly string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];
const CT_CONSISTENCY: readonly [oldSize: number, size: number, proof: readonly string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
  [
    6,
    7,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
];

/** The definition of RFC 6962 §2.1, word for word, as the independent statement of what a root is. */
function definition(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return required(leaves[0], 'a leaf');
  const split = splitPoint(leaves.length);
  return rfc6962.node(definition(leaves.slice(0, split)), definition(leaves.slice(split)));
}

/** A tree held in memory: every perfect subtree under its level and index. */
function growTree(leaves: readonly Hash[]): { roots: Hash[]; nodes: NodeSource } {
  const store = new Map<string, Hash>();
  const frontier = new MerkleFrontier();
  const roots = [frontier.root()];
  for (const leaf of leaves) {
    frontier.append(leaf, (node, hash) => store.set(`${node.level}/${node.index}`, hash));
    roots.push(frontier.root());
  }
  return {
    roots,
    nodes: (node: NodeId) => required(store.get(`${node.level}/${node.index}`), 'a complete subtree'),
  };
}

function leavesOf(count: number): Hash[] {
  return Array.from({ length: count }, (_, at) => rfc6962.leaf(utf8(`leaf ${at}`)));
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('the Merkle tree against the published Certificate Transparency vectors', () => {
  const leaves = CT_LEAVES.map((leaf) => rfc6962.leaf(hex(leaf)));
  const { roots, nodes } = growTree(leaves);

  it('has the published root at every size from 0 to 8', () => {
    expect(roots.map(toHex)).toEqual(CT_ROOTS);
  });

  it.each(CT_INCLUSION)(
    'makes and accepts the published inclusion proof of leaf %i in a tree of %i',
    (index, size, proof) => {
      expect(inclusionProof(index, size, nodes).map(toHex)).toEqual(proof);
      const leafHash = required(leaves[index], 'a leaf');
      expect(
        verifyInclusion({ index, size, leafHash, proof: proof.map(hex) }, hex(CT_ROOTS[size] ?? '')),
      ).toBe(true);
    },
  );

  it.each(CT_CONSISTENCY)(
    'makes and accepts the published consistency proof from %i to %i',
    (oldSize, size, proof) => {
      expect(consistencyProof(oldSize, size, nodes).map(toHex)).toEqual(proof);
      const old = { size: oldSize, root: hex(CT_ROOTS[oldSize] ?? '') };
      expect(verifyConsistency(old, { size, root: hex(CT_ROOTS[size] ?? '') }, proof.map(hex))).toBe(true);
    },
  );
});

describe('the Merkle tree at every size up to 1025', () => {
  const leaves = leavesOf(1025);
  const { roots, nodes } = growTree(leaves);

  it('has the root that the definition gives', () => {
    for (let size = 0; size <= 130; size += 1) {
      expect(toHex(roots[size] ?? new Uint8Array(0))).toBe(toHex(definition(leaves.slice(0, size))));
    }
    for (const size of [255, 256, 257, 511, 512, 513, 1000, 1023, 1024, 1025]) {
      expect(toHex(roots[size] ?? new Uint8Array(0))).toBe(toHex(definition(leaves.slice(0, size))));
    }
  });

  it('proves every leaf at every size up to 66, and random leaves beyond, to itself and to the sigstore verifier', () => {
    const random = createRandom('inclusion up to 1025');
    const check = (index: number, size: number): void => {
      const proof = inclusionProof(index, size, nodes);
      const root = required(roots[size], 'a root');
      const leafHash = required(leaves[index], 'a leaf');
      if (!verifyInclusion({ index, size, leafHash, proof }, root))
        throw new Error(`leaf ${index} of ${size}`);
      // A verifier written by others; it throws when a proof does not hold.
      verifyMerkleInclusion(
        {
          canonicalizedBody: Buffer.from(`leaf ${index}`),
          logIndex: String(index),
          logId: { keyId: Buffer.alloc(0) },
          kindVersion: { kind: '', version: '' },
          integratedTime: '0',
          inclusionPromise: undefined,
          inclusionProof: {
            logIndex: String(index),
            hashes: proof.map((hash) => Buffer.from(hash)),
            rootHash: Buffer.from(root),
            treeSize: String(size),
            checkpoint: { envelope: '' },
          },
        },
        { origin: 'log', logSize: BigInt(size), logHash: Buffer.from(root), rest: [] },
      );
    };
    for (let size = 1; size <= 66; size += 1)
      for (let index = 0; index < size; index += 1) check(index, size);
    for (let size = 67; size <= 1025; size += 1) {
      for (const index of [0, size - 1, random.integer(size), random.integer(size)]) check(index, size);
    }
  });

  it('proves consistency between every pair of sizes up to 66 and random pairs beyond', () => {
    const random = createRandom('consistency up to 1025');
    const head = (size: number): { size: number; root: Hash } => ({
      size,
      root: required(roots[size], 'a root'),
    });
    const check = (oldSize: number, size: number): void => {
      const proof = consistencyProof(oldSize, size, nodes);
      if (!verifyConsistency(head(oldSize), head(size), proof)) throw new Error(`from ${oldSize} to ${size}`);
      const other = random.integer(size + 1);
      const trivial = oldSize === 0 || other === 0 || other === size;
      if (other !== oldSize && !trivial && verifyConsistency(head(other), head(size), proof)) {
        throw new Error(`the proof from ${oldSize} to ${size} was taken for one from ${other}`);
      }
    };
    for (let size = 0; size <= 66; size += 1) for (let old = 0; old <= size; old += 1) check(old, size);
    for (let size = 67; size <= 1025; size += 1)
      for (let n = 0; n < 4; n += 1) check(random.integer(size + 1), size);
  });

  it('rejects every single-bit change of an inclusion proof, its leaf and its root', () => {
    const random = createRandom('flip inclusion');
    for (const size of [1, 2, 3, 7, 8, 33, 257, 1025]) {
      const index = random.integer(size);
      const proof = inclusionProof(index, size, nodes);
      const root = required(roots[size], 'a root');
      const leafHash = required(leaves[index], 'a leaf');
      for (let bit = 0; bit < 256; bit += 1) {
        expect(verifyInclusion({ index, size, leafHash, proof }, flipBit(root, bit))).toBe(false);
        expect(verifyInclusion({ index, size, leafHash: flipBit(leafHash, bit), proof }, root)).toBe(false);
        for (const at of proof.keys()) {
          const broken = proof.map((hash, position) => (position === at ? flipBit(hash, bit) : hash));
          expect(verifyInclusion({ index, size, leafHash, proof: broken }, root)).toBe(false);
        }
      }
    }
  });

  it('rejects every single-bit change of a consistency proof and its two roots', () => {
    for (const [oldSize, size] of [
      [1, 2],
      [3, 7],
      [6, 8],
      [4, 8],
      [32, 33],
      [100, 1025],
      [1024, 1025],
    ] as const) {
      const proof = consistencyProof(oldSize, size, nodes);
      const old = { size: oldSize, root: required(roots[oldSize], 'a root') };
      const next = { size, root: required(roots[size], 'a root') };
      for (let bit = 0; bit < 256; bit += 1) {
        expect(verifyConsistency({ ...old, root: flipBit(old.root, bit) }, next, proof)).toBe(false);
        expect(verifyConsistency(old, { ...next, root: flipBit(next.root, bit) }, proof)).toBe(false);
        for (const at of proof.keys()) {
          const broken = proof.map((hash, position) => (position === at ? flipBit(hash, bit) : hash));
          expect(verifyConsistency(old, next, broken)).toBe(false);
        }
      }
    }
  });

  it('rejects proofs that are longer, shorter, reordered, or of other positions and sizes', () => {
    const random = createRandom('shape');
    for (let round = 0; round < 300; round += 1) {
      const size = 2 + random.integer(1024);
      const index = random.integer(size);
      const proof = inclusionProof(index, size, nodes);
      const root = required(roots[size], 'a root');
      const leafHash = required(leaves[index], 'a leaf');
      const holds = (claim: { index?: number; size?: number; proof?: readonly Hash[] }): boolean =>
        verifyInclusion({ index, size, leafHash, proof, ...claim }, root);
      expect(holds({})).toBe(true);
      expect(holds({ proof: proof.slice(1) })).toBe(false);
      expect(holds({ proof: proof.slice(0, -1) })).toBe(false);
      expect(holds({ proof: [...proof, root] })).toBe(false);
      expect(holds({ proof: [root, ...proof] })).toBe(false);
      expect(holds({ proof: [...proof, new Uint8Array(0)] })).toBe(false);
      if (proof.length > 1) expect(holds({ proof: [...proof].reverse() })).toBe(false);
      for (const wrong of [index - 1, index + 1, index ^ 2]) expect(holds({ index: wrong })).toBe(false);
      expect(holds({ size: index })).toBe(false);
      expect(holds({ index: Number.NaN })).toBe(false);
      expect(holds({ size: size * 2 })).toBe(false);
      // The root handed in as a leaf, with nothing to climb.
      expect(verifyInclusion({ index: 0, size, leafHash: root, proof: [] }, root)).toBe(false);
    }
  });

  it('refuses two trees of one size with other roots, proofs where none is due, and trees that shrink', () => {
    const head = (size: number): { size: number; root: Hash } => ({
      size,
      root: required(roots[size], 'a root'),
    });
    const other = { size: 9, root: required(roots[8], 'a root') };
    expect(verifyConsistency(head(9), head(9), [])).toBe(true);
    expect(verifyConsistency(head(9), other, [])).toBe(false);
    expect(verifyConsistency(head(9), head(9), [other.root])).toBe(false);
    expect(verifyConsistency(head(0), head(9), [other.root])).toBe(false);
    expect(verifyConsistency({ size: 0, root: other.root }, head(9), [])).toBe(false);
    expect(verifyConsistency(head(9), head(8), consistencyProof(8, 9, nodes))).toBe(false);
    expect(verifyConsistency(head(4), head(9), [])).toBe(false);
  });

  it('proves inclusion at random sizes and positions (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1025 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (size, share) => {
          const index = Math.floor(share * size);
          const proof = inclusionProof(index, size, nodes);
          expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
          const leafHash = required(leaves[index], 'a leaf');
          return verifyInclusion({ index, size, leafHash, proof }, required(roots[size], 'a root'));
        },
      ),
      { seed: 6962, numRuns: 300 },
    );
  });
});
