import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  keyringOf,
  leafHashOf,
  parseCheckpoint,
  parseNote,
  rfc6962,
  strayTiles,
  verifyCheckpoint,
  verifyCheckpointHistory,
  verifyInclusion,
  verifyTiles,
} from '@evenkeel/audit';
import type { LeafFacts, TrustPolicy } from '@evenkeel/audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { required, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { AuditTrail } from './audit-trail';
import { signerFromPem } from './ed25519-key';
import { TileFolder } from './tile-folder';
import { WitnessClient } from './witness-client';
import { Witness, serveWitness } from './witness-server';

const ORIGIN = 'evenkeel.example/desk-1';
const log = signerFromPem(ORIGIN, generateKeyPem(), 'notes');
const witnessSigner = signerFromPem('auditor.example/w1', generateKeyPem(), 'cosignatures');
const trust: TrustPolicy = {
  log: keyringOf(ORIGIN, [log.key]),
  witnesses: [witnessSigner.key],
  witnessQuorum: 0,
};

const factsOf = (index: number): LeafFacts => ({
  epoch: '1',
  seq: index + 1,
  commitHash: toHex(sha256(utf8(`commit ${index}`))),
});

describe('an audit trail in a folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-trail-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (witnesses?: WitnessClient): Promise<AuditTrail> =>
    AuditTrail.open({
      origin: ORIGIN,
      folder,
      signers: [log],
      ...(witnesses === undefined ? {} : { witnesses }),
    });
  const grow = (trail: AuditTrail, to: number): void => {
    while (trail.size < to) trail.append(factsOf(trail.size));
  };
  const filesUnder = (path: string): string[] =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));

  it('goes on over restarts; history, tiles and entries verify, and every proof leads to its checkpoint', async () => {
    let trail = await open();
    for (const size of [1, 200, 256, 257, 700, 700, 1200]) {
      grow(trail, size);
      await trail.checkpoint(size);
      // What was appended and not signed is lost with the process and appended again.
      if (size === 257) grow(trail, 400);
      trail = await open();
      expect(trail.size).toBe(size);
    }
    const lastSigned = required(await trail.lastSigned(), 'a head');
    const history = verifyCheckpointHistory(trail.checkpoints(), {
      trust,
      lastSigned,
      rows: 1200,
      cadence: 256,
    });
    expect(history.defects).toEqual([]);
    const head = required(history.heads[history.heads.length - 1], 'a head');
    const tiles = new TileFolder(join(folder, 'tiles'));
    const read = tiles.read;
    expect(verifyTiles({ head, read, readEntries: read, hasher: rfc6962 }).defects).toEqual([]);
    const names = filesUnder(join(folder, 'tiles')).filter((name) => name !== 'checkpoint');
    expect(strayTiles(1200, names)).toEqual([]);
    expect(existsSync(join(folder, 'tiles/tile/0/000.p'))).toBe(false);
    for (const { size, root } of history.heads) {
      const index = size - 1;
      const claim = { index, size, leafHash: leafHashOf(factsOf(index)), proof: trail.proofOf(index, size) };
      expect(verifyInclusion(claim, root)).toBe(true);
    }
    expect(tiles.readCheckpoint()).toBe(trail.checkpoints()[trail.checkpoints().length - 1]?.note);
  });

  it('is due after so many commits or so much time, and not when nothing is new', async () => {
    const trail = await open();
    expect(trail.isDue(1_000)).toBe(false);
    grow(trail, 1);
    await trail.checkpoint(1_000);
    expect(trail.isDue(9_000)).toBe(false);
    grow(trail, 2);
    expect([trail.isDue(1_009), trail.isDue(1_010)]).toEqual([false, true]);
    grow(trail, 257);
    expect(trail.isDue(1_001)).toBe(true);
  });

  it('keeps the checkpoint it signed before a crash, and drops the line the crash cut short', async () => {
    const trail = await open();
    grow(trail, 5);
    await trail.checkpoint(1);
    grow(trail, 9);
    await trail.checkpoint(2);
    const file = join(folder, 'checkpoints.jsonl');
    const [first = ''] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${first}\n`);
    appendFileSync(file, '{"note":"ev');
    const again = await open();
    expect(again.size).toBe(9);
    const sizes = again.checkpoints().map(({ note }) => {
      const parsed = parseNote(note);
      const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : undefined;
      return checkpoint?.ok === true ? checkpoint.value.size : undefined;
    });
    expect(sizes).toEqual([5, 9]);
    const lastSigned = required(await again.lastSigned(), 'a head');
    expect(verifyCheckpointHistory(again.checkpoints(), { trust, lastSigned }).defects).toEqual([]);
  });

  it('refuses to open on damaged tiles, and to sign a history that was rewritten beneath it', async () => {
    const trail = await open();
    grow(trail, 300);
    await trail.checkpoint(1);
    const tile = join(folder, 'tiles/tile/0/001.p/44');
    const bytes = readFileSync(tile);
    writeFileSync(
      tile,
      bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte)),
    );
    await expect(open()).rejects.toMatchObject({ code: 'AUDIT.TREE_DAMAGED' });
    writeFileSync(tile, bytes);
    expect((await open()).size).toBe(300);
    rmSync(tile);
    await expect(open()).rejects.toMatchObject({ code: 'AUDIT.TREE_DAMAGED' });
    // Another tree under the memory of what was signed.
    rmSync(join(folder, 'tiles'), { recursive: true });
    const heads = join(folder, 'heads');
    const kept = readdirSync(heads).map((name) => [name, readFileSync(join(heads, name))] as const);
    rmSync(heads, { recursive: true });
    const forged = await open();
    forged.append({ epoch: '1', seq: 1, commitHash: toHex(sha256(utf8('another story'))) });
    while (forged.size < 310) forged.append(factsOf(forged.size));
    await forged.checkpoint(1);
    for (const [name, content] of kept) writeFileSync(join(heads, name), content);
    await expect(forged.checkpoint(2)).rejects.toMatchObject({ code: 'AUDIT.HEAD_INCONSISTENT' });
  });

  it('is rebuilt from the rows to the same tiles, and not from other rows', async () => {
    const trail = await open();
    grow(trail, 700);
    await trail.checkpoint(1);
    const root = toHex(trail.root());
    const before = new Map(
      filesUnder(join(folder, 'tiles')).map((name) => [
        name,
        readFileSync(join(folder, 'tiles', name), 'hex'),
      ]),
    );
    rmSync(join(folder, 'tiles/tile'), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'AUDIT.TREE_DAMAGED' });
    const options = { origin: ORIGIN, folder, signers: [log] };
    const rows = (count: number): LeafFacts[] => Array.from({ length: count }, (_, at) => factsOf(at));
    for (const wrong of [
      rows(699),
      rows(700).reverse(),
      rows(800).map((row) => (row.seq === 9 ? factsOf(0) : row)),
    ]) {
      await expect(AuditTrail.rebuild(options, wrong)).rejects.toMatchObject({
        code: 'AUDIT.HEAD_INCONSISTENT',
      });
    }
    rmSync(join(folder, 'tiles/tile'), { recursive: true });
    expect(toHex((await AuditTrail.rebuild(options, rows(700))).root())).toBe(root);
    for (const [name, content] of before)
      expect(readFileSync(join(folder, 'tiles', name), 'hex')).toBe(content);
    const further = await AuditTrail.rebuild(options, rows(900));
    expect(further.size).toBe(900);
    await further.checkpoint(2);
    expect((await open()).size).toBe(900);
  });

  it('brings checkpoints to a witness, and goes on when it is away', async () => {
    const witness = new Witness({
      logs: new Map([[ORIGIN, { keyring: trust.log }]]),
      signer: witnessSigner,
      stateFolder: join(folder, 'witness'),
      now: () => 1_768_000_000,
    });
    const running = await serveWitness(witness, 0);
    const trail = await open(new WitnessClient([{ key: witnessSigner.key, url: running.url }], 2_000));
    grow(trail, 40);
    const first = await trail.checkpoint(1);
    expect(first.alerts).toEqual([]);
    const cosigned = required(first.cosigned, 'a cosigned checkpoint');
    expect(verifyCheckpoint(cosigned.note, { ...trust, witnessQuorum: 1 }).ok).toBe(true);
    expect(new TileFolder(join(folder, 'tiles')).readCheckpoint()).toBe(cosigned.note);
    await running.close();
    grow(trail, 60);
    const second = await trail.checkpoint(2);
    expect(second.alerts.map((alert) => alert.code)).toEqual(['AUDIT.WITNESS_UNREACHABLE']);
    expect(verifyCheckpoint(second.record.note, trust).ok).toBe(true);
    expect(second.cosigned).toBeUndefined();
    expect(trail.cosignedCheckpoints().map(({ size }) => size)).toEqual([40]);
  });
});
