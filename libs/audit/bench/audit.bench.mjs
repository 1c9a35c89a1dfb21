// The audit library beside a bare SHA-256 of the same bytes: appending to the tree, proofs at ten million leaves,
// verifying a commit log. Each figure and its peer alternate in the same run; medians of the rounds.
import { createHash, hash as oneShot } from 'node:crypto';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const audit = require('../dist/index.js');
const { encodeCommit } = require('../../contracts/dist/index.js');
const { decodeEnvelope } = require('../../reconstruction/dist/index.js');
const { sha256, toHex } = require('../../kernel/dist/index.js');
// With adapters loaded the kernel hashes natively; the build before had that beside it.
const { nativeSha256 = sha256 } = require('../../adapter-audit/dist/index.js');
const { commitOf, decisionDraft } = require('../../testkit/dist/index.js');

const native = audit.createMerkleHasher(nativeSha256);
/** The quickest bare SHA-256 this Node has: one call, digest as text, nothing kept. */
const bare = oneShot
  ? (bytes) => oneShot('sha256', bytes, 'latin1')
  : (bytes) => createHash('sha256').update(bytes).digest('latin1');
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function seconds(work) {
  const started = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** A hasher that counts what it hashes, so that the peer hashes exactly as much. */
function counting(hasher) {
  const counts = { nodes: 0, leaves: 0 };
  return {
    counts,
    hasher: {
      emptyRoot: hasher.emptyRoot,
      leaf: (data) => ((counts.leaves += 1), hasher.leaf(data)),
      node: (left, right) => ((counts.nodes += 1), hasher.node(left, right)),
    },
  };
}

/** Seconds to hash `count` inputs of `size` bytes with nothing else around it. */
function bareSeconds(hash, ...work) {
  return seconds(() => {
    for (const [count, size] of work) {
      const bytes = new Uint8Array(size).fill(7);
      for (let at = 0; at < count; at += 1) {
        bytes[1] = at;
        hash(bytes);
      }
    }
  });
}

function alternate(rounds, ours, peer) {
  const [own, other] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    own.push(ours());
    other.push(peer());
  }
  return [median(own), median(other)];
}

function appendRow(name, hasher, hash, count, rounds) {
  const hashes = Array.from({ length: 1000 }, (_, at) => toHex(sha256(Uint8Array.of(at & 255, at >> 8))));
  const leafBytes = 1 + audit.leafData({ epoch: '1', seq: count, commitHash: hashes[0] }).length;
  const [ours, peer] = alternate(
    rounds,
    () =>
      seconds(() => {
        const log = new audit.TileLog(() => {}, hasher);
        for (let at = 0; at < count; at += 1) {
          log.append(audit.leafHashOf({ epoch: '1', seq: at + 1, commitHash: hashes[at % 1000] }, hasher));
        }
        log.flush();
      }),
    () => bareSeconds(hash, [count, leafBytes], [count, 65]),
  );
  return {
    metric: `commits appended to the tree, ${name}`,
    value: Math.round(count / ours),
    unit: 'commits/s',
    against: `bare SHA-256 of the same leaf and node bytes: ${Math.round(count / peer)}/s`,
    ratio: Number((peer / ours).toFixed(2)),
    note: `${count} leaves from epoch, sequence and commit hash, tiles included`,
  };
}

/** Full tiles of one level in one allocation, so that ten million leaves stay small. */
function createTileStore(size) {
  const levels = [];
  for (let hashes = size; hashes > 0; hashes = Math.floor(hashes / 256))
    levels.push(Buffer.alloc((hashes + 1) * 32));
  return {
    write: (tile, bytes) => levels[tile.level].set(bytes, tile.index * 8192),
    read: (tile) => levels[tile.level].subarray(tile.index * 8192, tile.index * 8192 + tile.width * 32),
  };
}

function proofRows(size, rounds) {
  const store = createTileStore(size);
  const log = new audit.TileLog(store.write, native);
  const built = seconds(() => {
    for (let at = 0; at < size; at += 1) {
      const leaf = new Uint8Array(32);
      new DataView(leaf.buffer).setUint32(0, at);
      log.append(leaf);
    }
    log.flush();
  });
  process.stderr.write(`audit bench: tree of ${size} leaves built in ${built.toFixed(1)} s\n`);
  const root = log.root();
  const missing = (tile, why) => {
    throw new Error(`${audit.tilePath(tile)} ${why}`);
  };
  let seed = 12345;
  const index = () => (seed = (seed * 1103515245 + 12345) % 2147483648) % size;
  const leafAt = (at) =>
    store
      .read({ level: 0, index: Math.floor(at / 256), width: 256 })
      .subarray((at % 256) * 32, (at % 256) * 32 + 32);
  const PROOFS = 300;
  const coldWith = (hasher) =>
    seconds(() => {
      for (let n = 0; n < PROOFS; n += 1) {
        const at = index();
        const proof = audit.inclusionProof(
          at,
          size,
          audit.nodesFromTiles(size, store.read, missing, hasher),
          hasher,
        );
        const leafHash = Uint8Array.from(leafAt(at));
        if (!audit.verifyInclusion({ index: at, size, leafHash, proof }, root, hasher))
          throw new Error('proof');
      }
    });
  const counted = counting(native);
  coldWith(counted.hasher);
  const hashes = counted.counts.nodes;
  const [ours, peer] = alternate(
    rounds,
    () => coldWith(native),
    () => bareSeconds(bare, [hashes, 65]),
  );
  const open = audit.nodesFromTiles(size, store.read, missing, native);
  const places = Array.from({ length: 2000 }, index);
  for (const at of places) audit.inclusionProof(at, size, open, native);
  const warm = seconds(() => {
    for (const at of places) audit.inclusionProof(at, size, open, native);
  });
  const consistency = seconds(() => {
    for (let n = 0; n < PROOFS; n += 1) {
      audit.consistencyProof(
        1 + index(),
        size,
        audit.nodesFromTiles(size, store.read, missing, native),
        native,
      );
    }
  });
  return [
    {
      metric: `inclusion proof from cold tiles at ${size} leaves, generated and verified`,
      value: Number(((ours / PROOFS) * 1e3).toFixed(3)),
      unit: 'ms',
      against: `bare SHA-256 of the same bytes: ${((peer / PROOFS) * 1e3).toFixed(3)} ms`,
      ratio: Number((peer / ours).toFixed(2)),
      note: `${Math.round(hashes / PROOFS)} hashes each`,
    },
    {
      metric: `inclusion proofs at ${size} leaves, tiles kept open`,
      value: Math.round(places.length / warm),
      unit: 'proofs/s',
    },
    {
      metric: `consistency proof from cold tiles at ${size} leaves`,
      value: Number(((consistency / PROOFS) * 1e3).toFixed(3)),
      unit: 'ms',
    },
    {
      metric: `tree of ${size} given leaf hashes built, tiles included`,
      value: Math.round(size / built),
      unit: 'leaves/s',
      against: `bare SHA-256 of the node bytes: ${Math.round(size / bareSeconds(bare, [size, 65]))}/s`,
    },
  ];
}

function sampleRows(count) {
  const heads = new Map();
  const rows = [];
  for (let at = 0; at < count; at += 1) {
    const book = `book-${at % 16}`;
    const head = heads.get(book) ?? { version: 0, hash: new Uint8Array(0) };
    const draft = decisionDraft(book, `decision-${at}`, '2026-01-05T09:00:00Z');
    const commit = commitOf(draft, { version: head.version + 1, prevHash: head.hash, cause: `cause-${at}` });
    const bytes = encodeCommit(commit);
    const hash = nativeSha256(bytes);
    heads.set(book, { version: commit.toVersion, hash });
    rows.push({
      epoch: '1',
      seq: at + 1,
      commitId: commit.commitId,
      aggregate: `strategy/hedge-program/${book}`,
      version: commit.toVersion,
      bytes,
      hash,
      prevHash: head.hash,
      leafHash: audit.leafHashOf({ epoch: '1', seq: at + 1, commitHash: toHex(hash) }, native),
    });
  }
  return rows;
}

function verifyRows(count, rounds) {
  const rows = sampleRows(count);
  const bytes = rows.reduce((sum, row) => sum + row.bytes.length, 0);
  const leafBytes = 1 + audit.leafData({ epoch: '1', seq: count, commitHash: toHex(rows[0].hash) }).length;
  const run = (decode) =>
    seconds(() => {
      const verifier = new audit.ChainVerifier({ decode, sha256: nativeSha256 });
      for (const row of rows) verifier.push(row);
      if (verifier.finish().defectCount > 0) throw new Error('a clean log has no defects');
    });
  const peer = () =>
    seconds(() => {
      for (const row of rows) bare(row.bytes);
    }) + bareSeconds(bare, [count, leafBytes], [count, 65]);
  const views = new Map(rows.map((row) => [row.bytes, decodeEnvelope(row.bytes)]));
  const [ours, other] = alternate(rounds, () => run(decodeEnvelope), peer);
  const [without] = alternate(rounds, () => run((b) => views.get(b)), peer);
  const perMillion = (value) => Number(((value / count) * 1e6).toFixed(2));
  return [
    {
      metric: 'verify time per million commits',
      value: perMillion(ours),
      unit: 's',
      against: `bare SHA-256 of the same commit, leaf and node bytes: ${perMillion(other)} s`,
      ratio: Number((other / ours).toFixed(2)),
      note: `${count} commits of ${Math.round(bytes / count)} bytes, one core, real envelopes decoded`,
    },
    { metric: 'of which without decoding envelopes', value: perMillion(without), unit: 's per million' },
  ];
}

export default async function ({ quick }) {
  const rounds = 3;
  const count = quick ? 50_000 : 200_000;
  const rows = [
    appendRow('native SHA-256', native, bare, count, rounds),
    appendRow('pure SHA-256 (browser)', audit.rfc6962, sha256, Math.floor(count / 2), rounds),
    ...proofRows(quick ? 1_000_000 : 10_000_000, rounds),
    ...verifyRows(quick ? 20_000 : 100_000, rounds),
  ];
  return { name: 'audit', rows };
}
