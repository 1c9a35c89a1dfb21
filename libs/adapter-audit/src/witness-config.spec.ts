import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatNote, formatRotation, formatVerifierKey, keysAt, signText } from '@evenkeel/audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { InvalidInputError, required } from '@evenkeel/kernel';
import { AuditTrail } from './audit-trail';
import { signerFromPem } from './ed25519-key';
import { WitnessClient } from './witness-client';
import { loadWitnessConfig, startWitness, witnessedLogs } from './witness-config';

const ORIGIN = 'evenkeel.example/desk-1';
const first = signerFromPem(ORIGIN, generateKeyPem(), 'notes');
const second = signerFromPem(ORIGIN, generateKeyPem(), 'notes');

describe('the configuration of a witness', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-witness-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (config: unknown): string => {
    const path = join(folder, 'witness.json');
    writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config));
    return path;
  };
  const problemsOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof InvalidInputError) return error.problems.map((problem) => problem.path).join();
    }
    return 'none';
  };
  const sound = {
    name: 'auditor.example/w1',
    keyFile: 'w1.pem',
    stateFolder: 'state',
    port: 0,
    logs: [{ origin: ORIGIN, keys: [formatVerifierKey(first.key)] }],
  };

  it('starts a witness that cosigns, over a key rotation of the log', async () => {
    const text = formatRotation({ origin: ORIGIN, fromSize: 10, add: second.key, retire: first.key });
    const rotation = formatNote({ text, signatures: [await signText(text, first)] });
    const config = loadWitnessConfig(
      write({ ...sound, logs: [{ ...required(sound.logs[0], 'a log'), rotations: [rotation] }] }),
    );
    expect(keysAt(required(witnessedLogs(config).get(ORIGIN), 'a log').keyring, 10)).toEqual([second.key]);
    const witness = await startWitness(config, () => 1_768_000_000);
    const client = new WitnessClient([{ key: witness.key, url: witness.url }], 2_000);
    const options = { origin: ORIGIN, folder: join(folder, 'log'), witnesses: client };
    const before = await AuditTrail.open({ ...options, signers: [first] });
    for (let seq = 1; seq <= 5; seq += 1) before.append({ epoch: '1', seq, commitHash: 'ab'.repeat(32) });
    expect((await before.checkpoint(1)).alerts).toEqual([]);
    const after = await AuditTrail.open({ ...options, signers: [second] });
    for (let seq = 6; seq <= 12; seq += 1) after.append({ epoch: '1', seq, commitHash: 'cd'.repeat(32) });
    expect((await after.checkpoint(2)).alerts).toEqual([]);
    // The retired key signs on: the witness does not take it.
    const retired = await AuditTrail.open({ ...options, signers: [first] });
    retired.append({ epoch: '1', seq: 13, commitHash: 'ef'.repeat(32) });
    expect((await retired.checkpoint(3)).alerts.map((alert) => alert.code)).toEqual([
      'AUDIT.WITNESS_NOT_CONFIGURED',
    ]);
    await witness.close();
  });

  it('reports every problem at once, each with its path', () => {
    expect(problemsOf(() => loadWitnessConfig(write('{')))).toBe('(file)');
    expect(problemsOf(() => loadWitnessConfig(join(folder, 'absent.json')))).toBe('(file)');
    expect(problemsOf(() => loadWitnessConfig(write({ ...sound, name: 'a b', port: -1 })))).toBe('name,port');
    expect(problemsOf(() => loadWitnessConfig(write({ ...sound, logs: [] })))).toBe('logs');
    expect(problemsOf(() => loadWitnessConfig(write({ ...sound, typo: 1 })))).toBe('');
    const log = { origin: ORIGIN, keys: ['nonsense'], rotations: ['nonsense'] };
    const config = loadWitnessConfig(write({ ...sound, logs: [log, log] }));
    expect(problemsOf(() => witnessedLogs(config))).toBe(
      'logs.0.keys.0,logs.0.rotations.0,logs.1.origin,logs.1.keys.0,logs.1.rotations.0',
    );
  });
});
