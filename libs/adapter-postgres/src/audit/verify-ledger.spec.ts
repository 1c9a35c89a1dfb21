import type { Pool } from 'pg';
import { MerkleFrontier } from '@evenkeel/audit';
import { sealCommit } from '@evenkeel/contracts';
import { createRandom, required, toHex } from '@evenkeel/kernel';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { leafOf } from '../ledger/leaf';
import { readLeaves, readTree } from '../ledger/ledger-tree';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { verifyLedger } from './verify-ledger';
import type { VerifyPosition } from '@evenkeel/verification';

let cluster: LedgerCluster;
let original: LedgerDatabase;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
  original = await cluster.database();
  const pool = original.pool();
  const writer = createLedgerWriter(pool, { epoch: '1' });
  await writer.append(journal);
  await writer.close();
  await pool.end();
});
afterAll(() => cluster.stop());

const SEED = process.env['EK_SEED'] ?? 'verify';
const journal = sampleJournal({ seed: SEED, steps: 60, books: ['alpha', 'beta'] });
const random = createRandom(SEED);

function filled(): Promise<LedgerDatabase> {
  return cluster.database(original);
}

async function treeOf(pool: Pool): Promise<MerkleFrontier> {
  const frontier = new MerkleFrontier();
  for await (const { leafHash } of readLeaves(pool, 0)) frontier.append(leafHash);
  return frontier;
}

describe('verifying the ledger', () => {
  it('finds nothing in a clean one, and leaves nothing behind', async () => {
    const database = await filled();
    const report = await verifyLedger(database.pool());
    expect(report).toEqual({
      status: 'clean',
      commits: journal.length,
      findings: [],
      findingCount: 0,
      reexecuted: [],
      readModels: 'equal',
      headsAgreed: 0,
      detached: [],
      authors: [{ epoch: '1', commits: journal.length }],
    });
    expect(
      await database.asOwner(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'read%' ORDER BY 1`),
    ).toEqual([{ nspname: 'read_v2' }]);
  });

  it('reads rows whose decoded column holds the whole envelope, as earlier releases wrote it', async () => {
    const database = await filled();
    for (const { seq, sealed } of journal) {
      const text = JSON.stringify(sealed.commit, (_key, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value instanceof Uint8Array ? toHex(value) : value,
      );
      const sql = 'UPDATE ledger.commit_log SET decoded = $1 WHERE seq = $2';
      await database.asOwner(sql, [text, seq], true);
    }
    const pool = database.pool();
    expect(await verifyLedger(pool, { readModels: false })).toMatchObject({ status: 'clean' });
    const other = `jsonb_set(decoded, '{actor,id}', '"mallory"')`;
    await database.asOwner(`UPDATE ledger.commit_log SET decoded = ${other} WHERE seq = 9`, [], true);
    expect((await verifyLedger(pool, { readModels: false })).findings).toMatchObject([
      { seq: 9, code: 'LEDGER.DECODED_DIFFERS' },
    ]);
  });

  it('keeps several epochs in one database apart', async () => {
    const database = await filled();
    const writer = createLedgerWriter(database.pool(), { epoch: 'again' });
    await writer.append(sampleJournal({ seed: SEED, steps: 10, epoch: 'again' }));
    await writer.close();
    expect(await verifyLedger(database.pool())).toMatchObject({ status: 'clean', findings: [] });
  });

  const seq = 20 + random.integer(80);
  const tampered: readonly [name: string, sql: string, seq: number, codes: readonly string[]][] = [
    [
      'one byte of the bytes',
      `UPDATE ledger.commit_log SET bytes = set_byte(bytes, length(bytes) / 2, get_byte(bytes, length(bytes) / 2) # 1) WHERE seq = ${seq}`,
      seq,
      ['AUDIT.HASH_MISMATCH'],
    ],
    [
      'the first byte of the bytes',
      `UPDATE ledger.commit_log SET bytes = set_byte(bytes, 0, 255) WHERE seq = ${seq}`,
      seq,
      ['AUDIT.HASH_MISMATCH', 'AUDIT.COMMIT_UNDECODABLE'],
    ],
    [
      'the stored hash',
      `UPDATE ledger.commit_log SET hash = set_byte(hash, 5, get_byte(hash, 5) # 8) WHERE seq = ${seq}`,
      seq,
      ['AUDIT.HASH_MISMATCH'],
    ],
    [
      'the leaf hash',
      `UPDATE ledger.commit_log SET leaf_hash = set_byte(leaf_hash, 5, get_byte(leaf_hash, 5) # 8) WHERE seq = ${seq}`,
      seq,
      ['AUDIT.LEAF_HASH_MISMATCH'],
    ],
    [
      'the previous hash of the row',
      `UPDATE ledger.commit_log SET prev_hash = sha256(prev_hash) WHERE seq = ${seq}`,
      seq,
      ['AUDIT.PREV_HASH_MISMATCH'],
    ],
    [
      'the decoded column',
      `UPDATE ledger.commit_log SET decoded = jsonb_set(decoded, '{book}', '"mallory"') WHERE seq = ${seq}`,
      seq,
      ['LEDGER.DECODED_DIFFERS'],
    ],
    [
      'the version of the row',
      `UPDATE ledger.commit_log SET version = version + 1000 WHERE seq = ${seq}`,
      seq,
      ['AUDIT.VERSION_MISMATCH'],
    ],
    [
      'the commit id of the row',
      `UPDATE ledger.commit_log SET commit_id = gen_random_uuid() WHERE seq = ${seq}`,
      seq,
      ['AUDIT.COMMIT_ID_MISMATCH'],
    ],
    [
      'the aggregate of the row',
      `UPDATE ledger.commit_log SET aggregate = 'risk/book/other' WHERE seq = ${seq}`,
      seq,
      ['AUDIT.AGGREGATE_MISMATCH'],
    ],
    ['a deleted row', `DELETE FROM ledger.commit_log WHERE seq = ${seq}`, seq, ['AUDIT.SEQUENCE_GAP']],
    [
      'a truncated tail',
      `DELETE FROM ledger.commit_log WHERE seq > ${journal.length - 3}`,
      journal.length - 2,
      ['LEDGER.ROWS_MISSING'],
    ],
    [
      'two rows swapped',
      `UPDATE ledger.commit_log SET seq = CASE seq WHEN ${seq} THEN 1000000 ELSE ${seq} END WHERE seq IN (${seq}, ${seq + 1});
       UPDATE ledger.commit_log SET seq = ${seq + 1} WHERE seq = 1000000`,
      seq,
      ['AUDIT.LEAF_HASH_MISMATCH'],
    ],
    [
      'a row beyond the checkpoint',
      `UPDATE ledger.checkpoint SET seq = seq - 1`,
      journal.length,
      ['LEDGER.ROWS_BEYOND_CHECKPOINT'],
    ],
    [
      'a position nobody holds',
      `UPDATE read_v2.positions SET quantity = quantity + 1 WHERE book = 'alpha'`,
      0,
      ['LEDGER.PROJECTION_DIFFERS'],
    ],
    [
      'a decision taken out of the read model',
      `DELETE FROM read_v2.decisions WHERE book = 'beta'`,
      0,
      ['LEDGER.PROJECTION_DIFFERS'],
    ],
  ];
  it.each(tampered)(`names the sequence of %s (seed ${SEED})`, async (_name, sql, expected, codes) => {
    const database = await filled();
    await database.asOwner(sql, [], true);
    const report = await verifyLedger(database.pool());
    expect(report.status).toBe('divergent');
    for (const code of codes) {
      const finding = report.findings.find((candidate) => candidate.code === code);
      expect([code, finding?.epoch]).toEqual([code, '1']);
      if (expected > 0) expect([code, finding?.seq]).toEqual([code, expected]);
      else expect(finding?.seq).toBeGreaterThan(0);
    }
  });

  it('tells a history of a newer build from a changed one', async () => {
    const database = await filled();
    const [last] = journal.slice(-1);
    const commit = required(last, 'a last commit').sealed.commit;
    const newer = sealCommit({ ...commit, schemaVersion: 99 });
    await database.asOwner(
      `UPDATE ledger.commit_log SET bytes = $1, hash = $2, leaf_hash = $3 WHERE seq = $4`,
      [newer.bytes, newer.hash, leafOf('1', journal.length, newer.hash), journal.length],
      true,
    );
    const tree = await treeOf(database.pool());
    await database.asOwner('UPDATE ledger.tree SET root = $1, nodes = $2', [
      Buffer.from(tree.root()),
      tree.record().nodes,
    ]);
    const report = await verifyLedger(database.pool());
    expect(report).toMatchObject({ status: 'unreadable', readModels: 'not-compared' });
    expect(report.findings).toMatchObject([{ code: 'AUDIT.COMMIT_UNDECODABLE', seq: journal.length }]);
  });

  it('goes on where an earlier one stood, and comes to the same end', async () => {
    const database = await filled();
    const positions: VerifyPosition[] = [];
    const pool = database.pool();
    await verifyLedger(pool, { positionEvery: 50, onPosition: (position) => void positions.push(position) });
    expect(positions.length).toBeGreaterThan(3);
    const head = await readTree(pool);
    for (const resume of positions) {
      const kept = JSON.parse(JSON.stringify(resume)) as VerifyPosition; // as a file would keep it
      const report = await verifyLedger(pool, { resume: kept, heads: [head] });
      expect(report).toMatchObject({ status: 'clean', commits: journal.length, readModels: 'not-compared' });
    }
    await database.asOwner(
      `UPDATE ledger.commit_log SET bytes = set_byte(bytes, 20, get_byte(bytes, 20) # 1) WHERE seq = 160`,
      [],
      true,
    );
    const before = required(positions.filter(({ seq }) => seq < 160).pop(), 'a position before it');
    const report = await verifyLedger(pool, { resume: before });
    expect(report.findings.map(({ seq }) => seq)).toContain(160);
  });

  it('names the row that makes a signed root not come out', async () => {
    const database = await filled();
    const pool = database.pool();
    const leaves: Uint8Array[] = [];
    for await (const { leafHash } of readLeaves(pool, 0)) leaves.push(leafHash);
    const heads = [100, journal.length].map((size) => {
      const frontier = new MerkleFrontier();
      for (const leaf of leaves.slice(0, size)) frontier.append(leaf);
      return { size, root: frontier.root() };
    });
    expect(await verifyLedger(pool, { heads })).toMatchObject({ status: 'clean', headsAgreed: 2 });
    await database.asOwner(
      `UPDATE ledger.commit_log SET leaf_hash = sha256(leaf_hash) WHERE seq = 77`,
      [],
      true,
    );
    const report = await verifyLedger(pool, { heads, leafAt: (index) => leaves[index] });
    const roots = report.findings.filter(({ code }) => code === 'AUDIT.ROOT_MISMATCH');
    expect(roots[0]).toMatchObject({ epoch: '1', seq: 77 });
    expect(report.findings.map(({ code }) => code)).toContain('LEDGER.TREE_MISMATCH');
  });

  it('says unreadable where there is no ledger', async () => {
    const database = await cluster.database();
    await database.asOwner('DROP SCHEMA ledger CASCADE');
    expect(await verifyLedger(database.pool())).toMatchObject({
      status: 'unreadable',
      commits: 0,
      findingCount: 1,
    });
  });

  it('hands every sound commit to re-execution and reports what it finds', async () => {
    const database = await filled();
    const seen: number[] = [];
    const report = await verifyLedger(database.pool(), {
      auditor: {
        push: (commit) => void seen.push(commit.seq),
        finish: () =>
          Promise.resolve({
            counts: [{ type: 'HedgeDecided', events: 12 }],
            findings: [{ epoch: '1', seq: 42, code: 'AUDIT.DECISION_DIFFERS', message: 'other bytes' }],
          }),
      },
    });
    expect(seen).toEqual(journal.map((commit) => commit.seq));
    expect(report).toMatchObject({
      status: 'divergent',
      reexecuted: [{ type: 'HedgeDecided', events: 12 }],
      findings: [{ seq: 42, code: 'AUDIT.DECISION_DIFFERS' }],
    });
  });
});
