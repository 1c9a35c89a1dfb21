import { createRandom, required, sameBytes, uuidV5 } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import type { TreeHead } from '../merkle/consistency';
import { flipBit } from '../testing/flip-bit.test-support';
import { buildHistory, decodeFixture } from '../testing/history.test-support';
import { ChainVerifier } from './chain-verifier';
import type { ChainReport, ChainRow } from './chain-verifier';
import { CommitIdIndex } from './commit-id-index';

const SEEDS = Array.from({ length: process.env['EK_SOAK'] === '1' ? 24 : 3 }, (_, at) => `history ${at}`);
const ROWS = 260;

function verify(rows: readonly ChainRow[], heads: readonly TreeHead[]): ChainReport {
  const verifier = new ChainVerifier({
    decode: decodeFixture,
    heads,
    journalOf: (epoch) => `EK_JOURNAL_${epoch}`,
  });
  for (const row of rows) verifier.push(row);
  return verifier.finish();
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
    rows: replaced(rows, at, { bytes: flipBit(required(rows[at], 'a row').bytes, random) }),
    seqs: [seqAt(rows, at)],
  }),
  'flip a bit of the hash': (rows, at, random) => ({
    rows: replaced(rows, at, { hash: flipBit(required(rows[at], 'a row').hash, random) }),
    seqs: [seqAt(rows, at)],
  }),
  'flip a bit of the leaf hash': (rows, at, random) => ({
    rows: replaced(rows, at, { leafHash: flipBit(required(rows[at], 'a row').leafHash, random) }),
    seqs: [seqAt(rows, at)],
  }),
  'flip a bit of the previous hash': (rows, at, random) => {
    const { prevHash } = required(rows[at], 'a row');
    return {
      rows: replaced(rows, at, {
        prevHash: prevHash.length === 0 ? Uint8Array.of(1) : flipBit(prevHash, random),
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
    for (const cut of [1, 100, 200, 257, ROWS]) {
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
