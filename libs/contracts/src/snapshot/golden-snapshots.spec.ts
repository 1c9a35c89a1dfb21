import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256, toHex } from '@evenkeel/kernel';
import { decodePayload, encodePayload } from '../payloads';

interface Golden {
  readonly version: number;
  readonly kernelHash: string;
  /** Base64. */
  readonly bytes: string;
  /** Of the bytes in which version 1 writes the same snapshot. */
  readonly sha256: string;
}

const FOLDER = join(__dirname, '..', '..', 'golden', 'snapshots');
const recorded = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return [file, JSON.parse(text) as Golden] as const; // written by record-snapshot.mjs
});

describe.each(recorded)('the golden snapshot %s', (_, golden) => {
  const bytes = Buffer.from(golden.bytes, 'base64');
  const event = decodePayload('RiskSnapshotTaken', golden.version, bytes);

  it('stands for the same snapshot as on the day it was written, to the last bit', () => {
    expect(event.payload).toMatchObject({ kernelHash: golden.kernelHash });
    expect(toHex(sha256(encodePayload(event, 1)))).toBe(golden.sha256);
  });

  it('is written again as it was', () => {
    expect(Buffer.from(encodePayload(event, golden.version)).toString('base64')).toBe(golden.bytes);
  });
});
