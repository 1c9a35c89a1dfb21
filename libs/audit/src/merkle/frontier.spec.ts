import { createHash } from 'node:crypto';
import { canonicalJson, createRandom, required, sameBytes, sha256, toHex, utf8 } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { MerkleFrontier } from './frontier';
import { createMerkleHasher, rfc6962 } from './hasher';
import type { Hash } from './hasher';
import { leafData, leafHashOf } from './leaf';

function leavesOf(count: number): Hash[] {
  return Array.from({ length: count }, (_, at) => rfc6962.leaf(utf8(`leaf ${at}`)));
}

describe('the frontier', () => {
  it('continues from its record to the same roots', () => {
    const leaves = leavesOf(300);
    const random: Random = createRandom('frontier');
    const whole = new MerkleFrontier();
    let resumed = new MerkleFrontier();
    for (const leaf of leaves) {
      whole.append(leaf);
      resumed.append(leaf);
      if (random.integer(5) === 0)
        resumed = required(MerkleFrontier.restore(resumed.record()), 'a restored frontier');
      expect(toHex(resumed.root())).toBe(toHex(whole.root()));
    }
    expect(resumed.size).toBe(300);
  });

  it('refuses a record whose nodes cannot belong to its size', () => {
    const frontier = new MerkleFrontier();
    for (const leaf of leavesOf(7)) frontier.append(leaf);
    const record = frontier.record();
    expect(MerkleFrontier.restore({ ...record, size: 6 })).toBeUndefined();
    expect(
      MerkleFrontier.restore({ ...record, nodes: record.nodes.map((node) => node.slice(2)) }),
    ).toBeUndefined();
  });

  it('is indifferent to whose SHA-256 it runs on', () => {
    const native = createMerkleHasher((bytes) =>
      Uint8Array.from(createHash('sha256').update(bytes).digest()),
    );
    const a = new MerkleFrontier();
    const b = new MerkleFrontier(native);
    for (const leaf of leavesOf(77)) {
      a.append(leaf);
      b.append(leaf);
    }
    expect(sameBytes(a.root(), b.root())).toBe(true);
  });
});

describe('a leaf', () => {
  it('has the bytes of the general canonical encoder, whatever the epoch is called', () => {
    const commitHash = toHex(sha256(utf8('commit')));
    for (const epoch of ['1', '2026-a.b_c', '', 'é', '"', '\\', ' ', '\n']) {
      for (const seq of [1, 0, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
        expect(leafData({ epoch, seq, commitHash })).toEqual(utf8(canonicalJson({ epoch, seq, commitHash })));
      }
    }
  });

  it('is the canonical JSON of epoch, sequence and commit hash', () => {
    const commitHash = toHex(sha256(utf8('commit')));
    const text = `{"commitHash":"${commitHash}","epoch":"1","seq":42}`;
    expect(Buffer.from(leafData({ epoch: '1', seq: 42, commitHash })).toString('utf8')).toBe(text);
    const expected = createHash('sha256')
      .update(Buffer.concat([Buffer.from([0]), Buffer.from(text)]))
      .digest('hex');
    expect(toHex(leafHashOf({ epoch: '1', seq: 42, commitHash }))).toBe(expected);
  });
});
