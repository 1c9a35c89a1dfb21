import { ed25519 } from '@noble/curves/ed25519';
import { createRandom, fromHex, required, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { formatCheckpoint } from '../notes/checkpoint';
import { keyringOf } from '../notes/keyring';
import { formatNote } from '../notes/signed-note';
import { SIGNATURE_TYPE, verifierKey } from '../notes/verifier-key';
import type { TrustPolicy } from '../notes/verify-checkpoint';
import { flipBit } from '../testing/flip-bit.test-support';
import { buildHistory, decodeFixture } from '../testing/history.test-support';
import { ChainVerifier } from './chain-verifier';
import { nextCheckpointRecord, verifyCheckpointHistory } from './checkpoint-history';
import type { CheckpointRecord } from './checkpoint-history';

const ROWS = 360;

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
    const verifier = new ChainVerifier({ decode: decodeFixture, heads: report.heads });
    for (const row of rows) verifier.push(row);
    expect(verifier.finish()).toMatchObject({ defects: [], headsAgreed: heads.length });
  });

  it('names the record that was flipped, deleted, duplicated, swapped, inserted or cut off', () => {
    const at = 2;
    const record = required(records[at], 'a record');
    const random = createRandom('checkpoints');
    for (let round = 0; round < 80; round += 1) {
      const text = String.fromCharCode(
        ...flipBit(
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
    const renumbered = records.map((r, p) => (p === records.length - 1 ? { ...r, number: r.number + 1 } : r));
    expect(defects(renumbered)).toContain(`checkpoint ${records.length + 1}`);
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
