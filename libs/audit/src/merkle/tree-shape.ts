import { assert } from '@evenkeel/kernel';
import type { Hash, MerkleHasher } from './hasher';

/**
 * A perfect subtree: `level` 0 is a leaf; (level, index) covers the leaves from index·2^level, 2^level of them.
 * Every hash in any proof is made of perfect subtrees, and perfect subtrees never change once complete.
 */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** The hash of a complete perfect subtree. */
export type NodeSource = (node: NodeId) => Hash;

/** Leaves `from` (inclusive) to `to` (exclusive). */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

export function assertSize(value: number, what: string): void {
  assert(Number.isSafeInteger(value) && value >= 0, `${what} is a whole number from 0, not ${value}`);
}

/** 2^exponent by doubling, exact to 2^53: `**` is not the same on every engine. */
export function powerOfTwo(exponent: number): number {
  let power = 1;
  for (let step = 0; step < exponent; step += 1) power *= 2;
  return power;
}

/** The largest power of two strictly below `count`; `count` ≥ 2. RFC 6962's k. */
export function splitPoint(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/**
 * The perfect subtrees that make up a range, left to right. The range starts at a multiple of the largest power of two
 * not above its length, as every range of an RFC 6962 proof does.
 */
export function nodesOfRange(range: LeafRange): readonly NodeId[] {
  const nodes: NodeId[] = [];
  let from = range.from;
  while (from < range.to) {
    let width = 1;
    let level = 0;
    while (from + width * 2 <= range.to && from % (width * 2) === 0) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: from / width });
    from += width;
  }
  return nodes;
}

/** MTH of a range from its perfect subtrees: the right edge folds from the right. */
export function hashOfRange(range: LeafRange, nodes: NodeSource, hasher: MerkleHasher): Hash {
  const parts = nodesOfRange(range).map(nodes);
  let hash = parts.pop();
  if (hash === undefined) return hasher.emptyRoot;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) hash = hasher.node(part, hash);
  return hash;
}

/** The ranges whose hashes prove leaf `index` in a tree of `size`, leaf's sibling first (RFC 6962 §2.1.1 PATH). */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  assertSize(index, 'a leaf index');
  assertSize(size, 'a tree size');
  assert(index < size, `leaf ${index} is inside a tree of ${size}`);
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    if (index < middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  return ranges.reverse();
}

/** The ranges whose hashes prove that a tree of `size` extends one of `oldSize` (RFC 6962 §2.1.2 PROOF). */
export function consistencyRanges(oldSize: number, size: number): readonly LeafRange[] {
  assertSize(oldSize, 'an old tree size');
  assertSize(size, 'a tree size');
  assert(oldSize <= size, `a tree of ${size} can extend one of ${oldSize}`);
  if (oldSize === 0 || oldSize === size) return [];
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = size;
  while (to !== oldSize) {
    const middle = from + splitPoint(to - from);
    if (oldSize <= middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  // The verifier knows the old root; only a part of the old tree needs to be told.
  if (from > 0) ranges.push({ from, to });
  return ranges.reverse();
}
