import { assert, fromHex, toHex } from '@evenkeel/kernel';
import { rfc6962 } from './hasher';
import type { Hash, MerkleHasher } from './hasher';
import { HASH_BYTES } from './hasher';
import { assertSize } from './tree-shape';
import type { NodeId } from './tree-shape';

/** A frontier on paper: the size and the perfect subtrees on the right edge, largest first, in hex. */
export interface FrontierRecord {
  readonly size: number;
  readonly nodes: readonly string[];
}

/**
 * The right edge of a tree (a compact range from 0): everything needed to append leaves and to state the root, in
 * O(log n) memory. Mutable; `record()` is its durable form.
 */
export class MerkleFrontier {
  private readonly nodes: { readonly level: number; readonly hash: Hash }[] = [];
  private count = 0;

  constructor(private readonly hasher: MerkleHasher = rfc6962) {}

  /** Leaves appended so far. */
  get size(): number {
    return this.count;
  }

  /** Appends one leaf hash; `completed` hears of every perfect subtree this leaf finishes, the leaf itself first. */
  append(leafHash: Hash, completed?: (node: NodeId, hash: Hash) => void): void {
    assert(leafHash.length === HASH_BYTES, 'a leaf hash has 32 bytes');
    let index = this.count;
    let level = 0;
    let hash = leafHash;
    completed?.({ level, index }, hash);
    for (
      let top = this.nodes[this.nodes.length - 1];
      top?.level === level;
      top = this.nodes[this.nodes.length - 1]
    ) {
      this.nodes.pop();
      hash = this.hasher.node(top.hash, hash);
      level += 1;
      index = Math.floor(index / 2);
      completed?.({ level, index }, hash);
    }
    this.nodes.push({ level, hash });
    this.count += 1;
  }

  /** The root of the tree so far (RFC 6962 MTH). */
  root(): Hash {
    let hash: Hash | undefined;
    for (let at = this.nodes.length - 1; at >= 0; at -= 1) {
      const node = this.nodes[at];
      if (node !== undefined) hash = hash === undefined ? node.hash : this.hasher.node(node.hash, hash);
    }
    return hash ?? this.hasher.emptyRoot;
  }

  /** The perfect subtrees of the right edge, largest first. */
  peaks(): readonly Hash[] {
    return this.nodes.map((node) => node.hash);
  }

  record(): FrontierRecord {
    return { size: this.count, nodes: this.nodes.map((node) => toHex(node.hash)) };
  }

  /** The frontier a record describes; `undefined` when the record cannot be one. */
  static restore(record: FrontierRecord, hasher: MerkleHasher = rfc6962): MerkleFrontier | undefined {
    assertSize(record.size, 'a frontier size');
    const levels = levelsOf(record.size);
    if (levels.length !== record.nodes.length) return undefined;
    const frontier = new MerkleFrontier(hasher);
    for (const [at, level] of levels.entries()) {
      const hash = fromHex(record.nodes[at] ?? '');
      if (hash?.length !== HASH_BYTES) return undefined;
      frontier.nodes.push({ level, hash });
    }
    frontier.count = record.size;
    return frontier;
  }
}

/** The levels of the perfect subtrees on the right edge of a tree: the set bits of its size, highest first. */
function levelsOf(size: number): readonly number[] {
  const levels: number[] = [];
  for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) levels.unshift(level);
  }
  return levels;
}
