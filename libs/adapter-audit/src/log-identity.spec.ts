import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseVerifierKey, verifyCheckpointHistory } from '@evenkeel/audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { required, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { AuditTrail } from './audit-trail';
import { keyringOfIdentity, openLog, readLogIdentity, rotateLogKey } from './log-identity';

describe('the log of an audit folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const grow = async (to: number): Promise<AuditTrail> => {
    const { identity, signer } = await openLog({ folder });
    const trail = await AuditTrail.open({ origin: identity.origin, folder, signers: [signer] });
    while (trail.size < to) {
      const seq = trail.size + 1;
      trail.append({ epoch: '1', seq, commitHash: toHex(sha256(utf8(`commit ${seq}`))) });
    }
    await trail.sign(1);
    return trail;
  };

  it('is begun on first use with a key that its owner alone can read, and is the same afterwards', async () => {
    const first = await openLog({ folder });
    expect(first.identity.origin).toMatch(/^evenkeel\.local\/[0-9a-f]{8}$/);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
    expect((await openLog({ folder })).identity).toEqual(first.identity);
    const keyFile = join(folder, 'not-mounted.pem');
    await expect(openLog({ folder, keyFile })).rejects.toThrow(/not-mounted\.pem does not exist/);
    expect(existsSync(keyFile)).toBe(false);
    await expect(openLog({ folder, origin: 'desk.example/other' })).rejects.toThrow(/EK_AUDIT_ORIGIN/);
    await expect(openLog({ folder, keyPem: generateKeyPem() })).rejects.toMatchObject({
      code: 'AUDIT.KEY_NOT_IN_OFFICE',
    });
  });

  it('rotates its key: one history, each checkpoint by the key in office, the old key out of it', async () => {
    const before = await grow(40);
    const old = required(readLogIdentity(folder), 'a log');
    const rotated = await rotateLogKey({ folder });
    expect(rotated).toMatchObject({ fromSize: 41, retired: old.keys[0] });
    expect(existsSync(join(folder, 'key-until-41.pem'))).toBe(true);
    const after = await grow(70);
    const identity = required(readLogIdentity(folder), 'a log');
    const log = keyringOfIdentity(identity);
    expect(log.tenures).toHaveLength(2);
    const trust = { log, witnesses: [], witnessQuorum: 0 };
    expect(after.checkpoints()).toHaveLength(before.checkpoints().length + 1);
    expect(verifyCheckpointHistory(after.checkpoints(), { trust }).defects).toEqual([]);
    // Whoever missed the note does not take the new key for the log's.
    const stale = { ...trust, log: keyringOfIdentity(old) };
    expect(verifyCheckpointHistory(after.checkpoints(), { trust: stale }).defects).toHaveLength(1);
    // The retired key signs nothing more.
    await expect(openLog({ folder, keyFile: join(folder, 'key-until-41.pem') })).rejects.toMatchObject({
      code: 'AUDIT.KEY_NOT_IN_OFFICE',
    });
    expect(parseVerifierKey(rotated.added)).toBeDefined();
  });
});
