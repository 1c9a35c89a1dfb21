import { createHash } from 'node:crypto';
import { createRandom, fromHex, required, sameBytes, sha256, toHex, utf8, uuidV5 } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { ed25519 } from '@noble/curves/ed25519';
import { encodeEntryBundle } from '../merkle/entry-bundle';
import { createMerkleHasher } from '../merkle/hasher';
import { leafData } from '../merkle/leaf';
import { TileLog } from '../merkle/tile-log';
import { tilePath } from '../merkle/tiles';
import type { TileId } from '../merkle/tiles';
import { formatCheckpoint } from '../notes/checkpoint';
import { keyringOf } from '../notes/keyring';
import { formatNote } from '../notes/signed-note';
import { SIGNATURE_TYPE, verifierKey } from '../notes/verifier-key';
import type { TrustPolicy } from '../notes/verify-checkpoint';
import { buildHistory, decodeFixture } from '../testing/history-fixture';
import { ChainVerifier } from './chain-verifier';
import type { ChainReport, ChainRow } from './chain-verifier';
import { nextCheckpointRecord, verifyCheckpointHistory } from './checkpoint-history';
import type { CheckpointRecord } from './checkpoint-history';
import { CommitIdIndex } from './commit-id-index';
import { strayTiles, verifyTiles } from './tile-verifier';

const SEEDS = Array.from({ length: process.env['EK_SOAK'] === '1' ? 60 : 4 }, (_, at) => `history ${at}`);
const ROWS = 360;

interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}

function verify(rows: readonly ChainRow[], heads: readonly Head[]): ChainReport {
  const verifier = new ChainVerifier({
    decode: decodeFixture,
    heads,
    journalOf: (epoch) => `EK_JOURNAL_${epoch}`,
  });
  for (const row of rows) verifier.push(row);
  return verifier.finish();
}

function flip(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const bit = random.integer(bytes.length * 8);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

type RowMutation = (
  rows: ChainRow[],
  at: number,
  random: Random,
) => { readonly rows: ChainRow[]; readonly seqs: number[] };

const replaced = (rows: ChainRow[], at: number, change: Partial<ChainRow>): ChainRow[] =>
  rows.map((row, position) => (position === at ? { ...row, ...change } : row));
const seqAt = (rows: readonly ChainRow[], at: number): number => required(rows[at], 'a row').seq;

/** Each takes rows and a position, and says which sequences a report may name for it. */
const ROW_MUTATIONS: Readonly<Record<string, RowMutation>> = {
  'flip a bit of the bytes': (rows, at, random) => ({
    rows: replaced(rows, at, { bytes: flip(required(rows[at], 'a row').bytes, random) }),
    seqs: [seqAt(rows, at)],
  }),
  'flip a bit of the hash': (rows, at, random) => ({
    rows: replaced(rows, at, { hash: flip(required(rows[at], 'a row').hash, random) }),
    seqs: [seqAt(rows, at)],
  }),
  'flip a bit of the leaf hash': (rows, at, random) => ({
    rows: replaced(rows, at, { leafHash: flip(required(rows[at], 'a row').leafHash, random) }),
    seqs: [seqAt(rows, at)],
  }),
  'flip a bit of the previous hash': (rows, at, random) => {
    const { prevHash } = required(rows[at], 'a row');
    return {
      rows: replaced(rows, at, {
        prevHash: prevHash.length === 0 ? Uint8Array.of(1) : flip(prevHash, random),
      }),
      seqs: [seqAt(rows, at)],
    };
  },
  'change the version': (rows, at) => ({
    rows: replaced(rows, at, { version: required(rows[at], 'a row').version + 1 }),
    seqs: [seqAt(rows, at)],
  }),
  'change the aggregate': (rows, at) => ({
    rows: replaced(rows, at, { aggregate: 'risk/book/x' }),
    seqs: [seqAt(rows, at)],
  }),
  'change the commit id': (rows, at) => ({
    rows: replaced(rows, at, { commitId: uuidV5('other') }),
    seqs: [seqAt(rows, at)],
  }),
  'change the epoch': (rows, at) => ({ rows: replaced(rows, at, { epoch: '9' }), seqs: [seqAt(rows, at)] }),
  'change the sequence': (rows, at) => ({
    rows: replaced(rows, at, { seq: seqAt(rows, at) + 1 }),
    seqs: [seqAt(rows, at), seqAt(rows, at) + 1],
  }),
  'truncate the bytes': (rows, at) => ({
    rows: replaced(rows, at, { bytes: required(rows[at], 'a row').bytes.slice(0, -1) }),
    seqs: [seqAt(rows, at)],
  }),
  'delete a row': (rows, at) => ({
    rows: rows.filter((_, position) => position !== at),
    seqs: [seqAt(rows, at)],
  }),
  'duplicate a row': (rows, at) => ({
    rows: rows.flatMap((row, p) => (p === at ? [row, row] : [row])),
    seqs: [seqAt(rows, at)],
  }),
  'swap a row with the next': (rows, at) => {
    const [a, b] = [required(rows[at], 'a row'), required(rows[at + 1], 'a row')];
    return { rows: rows.map((row, p) => (p === at ? b : p === at + 1 ? a : row)), seqs: [a.seq, b.seq] };
  },
  'swap the bytes of two rows': (rows, at) => {
    const [a, b] = [required(rows[at], 'a row'), required(rows[at + 1], 'a row')];
    return {
      rows: rows.map((row, p) =>
        p === at ? { ...row, bytes: b.bytes } : p === at + 1 ? { ...row, bytes: a.bytes } : row,
      ),
      seqs: [a.seq, b.seq],
    };
  },
  'insert a row copied from elsewhere': (rows, at) => ({
    rows: rows.flatMap((row, p) =>
      p === at ? [required(rows[(at + 7) % rows.length], 'a row'), row] : [row],
    ),
    seqs: [seqAt(rows, at), seqAt(rows, (at + 7) % rows.length)],
  }),
  'truncate the log': (rows, at) => ({ rows: rows.slice(0, at), seqs: [seqAt(rows, at)] }),
};

describe('the chain verifier', () => {
  const histories = SEEDS.map((seed) => ({ seed, ...buildHistory(seed, ROWS) }));

  it('raises no false alarm on clean histories of many seeds', () => {
    for (const { rows, heads, root } of histories) {
      const report = verify(rows, heads);
      expect(report.defects).toEqual([]);
      expect(report.headsAgreed).toBe(heads.length);
      expect(sameBytes(report.root, root)).toBe(true);
    }
  });

  it.each(Object.keys(ROW_MUTATIONS))('detects and names: %s', (name) => {
    const mutate = required(ROW_MUTATIONS[name], name);
    for (const { seed, rows, heads } of histories) {
      const random = createRandom(`${seed} ${name}`);
      for (const at of [
        0,
        1,
        rows.length - 2,
        1 + random.integer(rows.length - 3),
        1 + random.integer(rows.length - 3),
      ]) {
        const mutated = mutate([...rows], at, random);
        const report = verify(mutated.rows, heads);
        const named = report.defects.some((defect) =>
          mutated.seqs.some(
            (seq) => (defect.seq ?? -1) <= seq && seq <= (defect.untilSeq ?? defect.seq ?? -1),
          ),
        );
        if (!named) throw new Error(`${seed}, row ${at}: ${JSON.stringify(report.defects.slice(0, 3))}`);
      }
    }
  });

  it('detects a history rewritten consistently from one row on, by the signed heads alone', () => {
    for (const { seed, rows, heads } of histories) {
      const random = createRandom(`${seed} rewritten`);
      const at = random.integer(rows.length);
      const forged = buildHistory(seed, ROWS, at).rows;
      expect(verify(forged, []).defects).toEqual([]);
      const report = verify(forged, heads);
      expect(report.defects[0]).toMatchObject({ code: 'AUDIT.ROOT_MISMATCH' });
      const first = required(report.defects[0], 'a defect');
      expect(first.seq).toBeLessThanOrEqual(at + 1);
      expect(first.untilSeq).toBeGreaterThanOrEqual(at + 1);
    }
  });

  it('names several changes, each at its own sequence', () => {
    const { rows, heads } = required(histories[0], 'a history');
    const twice = rows.map((row) =>
      row.seq === 50 || row.seq === 250 ? { ...row, version: row.version + 1 } : row,
    );
    expect(verify(twice, heads).defects.map((defect) => defect.seq)).toEqual([50, 250]);
  });

  it('goes on from a recorded position to the same result', () => {
    const { rows, heads } = required(histories[1], 'a history');
    const options = { decode: decodeFixture, heads, journalOf: (epoch: string) => `EK_JOURNAL_${epoch}` };
    for (const cut of [1, 255, 256, 300, ROWS]) {
      const first = new ChainVerifier(options);
      for (const row of rows.slice(0, cut)) first.push(row);
      const second = required(ChainVerifier.resume(options, first.positionRecord()), 'a resumed verifier');
      for (const row of rows.slice(cut)) second.push(row);
      expect(second.finish()).toMatchObject({ defects: [], rows: ROWS, headsAgreed: heads.length });
      const broken = rows.slice(cut).map((row) => (row.seq === ROWS ? { ...row, version: 0 } : row));
      const third = required(ChainVerifier.resume(options, first.positionRecord()), 'a resumed verifier');
      for (const row of broken) third.push(row);
      expect(third.finish().defectCount).toBe(cut === ROWS ? 0 : 1);
    }
  });

  it('notices a cause that is not before its effect, or not the commit it names', () => {
    const { rows, heads } = required(histories[0], 'a history');
    const late = buildHistory('late cause', 40, undefined, { seq: 20, cause: 30 });
    expect(verify(late.rows, []).defects).toMatchObject([{ code: 'AUDIT.CAUSE_NOT_BEFORE', seq: 20 }]);
    const wrong = buildHistory('wrong cause', 40, undefined, {
      seq: 20,
      cause: 7,
      commitId: uuidV5('nobody'),
    });
    expect(verify(wrong.rows, []).defects).toMatchObject([{ code: 'AUDIT.CAUSE_MISMATCH', seq: 20 }]);
    expect(verify(rows, heads).defectCount).toBe(0);
  });

  it('accepts a second epoch that starts again at 1 and refuses the first one coming back', () => {
    const { rows } = buildHistory('epochs', 30, undefined, undefined, 20);
    expect(rows.map((row) => row.epoch)).toEqual([
      ...Array<string>(20).fill('1'),
      ...Array<string>(10).fill('2'),
    ]);
    expect(verify(rows, []).defects).toEqual([]);
    const back = rows.map((row, at) => (at === 25 ? { ...row, epoch: '1' } : row));
    expect(verify(back, []).defects.map((defect) => defect.code)).toContain('AUDIT.EPOCH_RETURNED');
  });
});

describe('the commit id index', () => {
  it('finds exactly the ids it was given', () => {
    const index = new CommitIdIndex();
    const ids = Array.from({ length: 5000 }, (_, at) => (at % 3 === 0 ? `odd id ${at}` : uuidV5(`id ${at}`)));
    for (const id of ids) expect(index.add(id)).toBeUndefined();
    expect(index.add(required(ids[1234], 'an id'))).toBe(1234);
    expect(index.isAt(77, required(ids[77], 'an id'))).toBe(true);
    expect(index.isAt(78, required(ids[77], 'an id'))).toBe(false);
  });
});

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
    [[path, flip(bytes, random)]],
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
      const store = new Map(tree.files).set(path, flip(required(tree.files.get(path), path), random));
      expect(tree.check(store)).toContain(path);
    }
  });
});

describe('a kept history of checkpoints', () => {
  const secret = sha256(utf8('log'));
  const key = verifierKey('log', SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(secret));
  const trust: TrustPolicy = { log: keyringOf('log', [key]), witnesses: [], witnessQuorum: 0 };
  const { rows, heads } = buildHistory('checkpoints', ROWS);
  const records: CheckpointRecord[] = [];
  for (const { size, root } of heads) {
    const text = formatCheckpoint({ origin: 'log', size, root, extensions: [] });
    const signature = ed25519.sign(utf8(text), secret);
    const note = formatNote({ text, signatures: [{ name: key.name, keyId: key.keyId, signature }] });
    records.push(nextCheckpointRecord(records[records.length - 1], note));
  }
  const newest = required(heads[heads.length - 1], 'a head');
  const expected = {
    trust,
    lastSigned: { origin: 'log', size: newest.size, root: toHex(newest.root) },
    rows: rows.length,
    cadence: 256,
  };
  const defects = (changed: readonly CheckpointRecord[]): readonly (string | undefined)[] =>
    verifyCheckpointHistory(changed, expected).defects.map((defect) => defect.where);

  it('raises no alarm, and hands on heads that the rows reproduce', () => {
    const report = verifyCheckpointHistory(records, expected);
    expect(report.defects).toEqual([]);
    expect(verify(rows, report.heads).defects).toEqual([]);
  });

  it('names the record that was flipped, deleted, duplicated, swapped, inserted or cut off', () => {
    const at = 2;
    const record = required(records[at], 'a record');
    const random = createRandom('checkpoints');
    for (let round = 0; round < 200; round += 1) {
      const text = String.fromCharCode(
        ...flip(
          Uint8Array.from(record.note, (c) => c.charCodeAt(0) & 0xff),
          random,
        ),
      );
      const changed = record.note.split('');
      const position = random.integer(record.note.length);
      changed[position] = text[position] === record.note[position] ? '#' : (text[position] ?? '#');
      const named = defects(records.map((r, p) => (p === at ? { ...r, note: changed.join('') } : r)));
      expect(named).toContain(`checkpoint ${named.includes('checkpoint 3') ? 3 : 4}`);
    }
    expect(defects(records.filter((_, p) => p !== at))).toContain('checkpoint 4');
    expect(defects(records.flatMap((r, p) => (p === at ? [r, r] : [r])))).toContain('checkpoint 3');
    const swapped = records.map((r, p) => (p === at ? records[at + 1] : p === at + 1 ? record : r));
    expect(defects(swapped.filter((r) => r !== undefined))).toContain('checkpoint 4');
    const forged = { ...record, previous: toHex(sha256(utf8('x'))) };
    expect(defects(records.map((r, p) => (p === at ? forged : r)))).toEqual(['checkpoint 3', 'checkpoint 4']);
    expect(defects(records.slice(0, -1))).toContain(`checkpoint ${records.length}`);
    expect(defects([])).toContain('checkpoint 1');
  });

  it('notices rows that have waited too long for a checkpoint', () => {
    const { defects: found } = verifyCheckpointHistory(records.slice(0, 2), {
      trust,
      rows: ROWS,
      cadence: 100,
    });
    expect(found.map((defect) => defect.code)).toEqual(['AUDIT.CHECKPOINT_OVERDUE']);
  });

  it('has hashes of the right length in the fixture', () => {
    expect(fromHex(records[1]?.previous ?? '')).toHaveLength(32);
  });
});
