import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Json } from '@evenkeel/kernel';
import { checkpointsName, encodeJson, manifestName, segmentName, sha256Hex } from './archive-format';
import { ArchiveFolder } from './archive-store';
import { verifyArchive } from './read-archive';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'evenkeel-hostile-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(name: string, bytes: Uint8Array): { name: string; sha256: string; bytes: number } {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), bytes);
  return { name, sha256: sha256Hex(bytes), bytes: bytes.length };
}

function manifestWith(parts: Readonly<Record<string, Json>>): void {
  const manifest: Json = {
    format: 'evenkeel archive/v1',
    number: 1,
    previous: '',
    origin: 'desk.example/evenkeel',
    keys: [],
    rotations: [],
    from: 0,
    to: 1,
    segments: [],
    checkpoint: '',
    ...parts,
  };
  put(manifestName(1), encodeJson(manifest));
}

const defectsOf = async (): Promise<readonly string[]> =>
  (await verifyArchive(new ArchiveFolder(dir))).defects.map(({ where, message }) => `${where}: ${message}`);

const noCheckpoints = (): { name: string; sha256: string; bytes: number } =>
  put(checkpointsName(1), gzipSync(JSON.stringify({ records: [], cosigned: [] })));

describe('an archive that means harm', () => {
  it.each(['../../../etc/hostname', '/dev/zero', 'segments/../../../etc/hostname', 'segments/mine.jsonl.gz'])(
    'cannot make anybody read %s',
    async (name) => {
      const file = { name, sha256: '0'.repeat(64), bytes: 10 };
      manifestWith({ checkpoints: noCheckpoints(), segments: [{ ...file, firstIndex: 0, commits: 1 }] });
      const refused = [`${manifestName(1)}: ${manifestName(1)} names files that are not of an archive.`];
      expect(await defectsOf()).toEqual(refused);
      manifestWith({ checkpoints: file });
      expect(await defectsOf()).toEqual(refused);
    },
  );

  it('cannot lead elsewhere by a link, nor to something without an end', async () => {
    const name = segmentName(0, 1);
    mkdirSync(join(dir, 'segments'));
    symlinkSync('/dev/zero', join(dir, name));
    manifestWith({
      checkpoints: noCheckpoints(),
      segments: [{ name, sha256: '0'.repeat(64), bytes: 10, firstIndex: 0, commits: 1 }],
    });
    expect(await defectsOf()).toContain(`${name}: ${name} is no ordinary file.`);
  });

  it('cannot fill the memory: neither with a file of another size than was said, nor with what one unpacks to', async () => {
    const bomb = put(checkpointsName(1), gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    manifestWith({ checkpoints: bomb });
    expect(await defectsOf()).toEqual([`${bomb.name}: ${bomb.name} does not hold checkpoints.`]);
    manifestWith({ checkpoints: { ...bomb, bytes: 10 } });
    expect(await defectsOf()).toEqual([`${bomb.name}: ${bomb.name} has more than 10 bytes.`]);
    put(manifestName(1), Buffer.alloc(65 * 1024 * 1024));
    expect(await defectsOf()).toEqual([
      `${manifestName(1)}: ${manifestName(1)} has more than 67108864 bytes.`,
    ]);
  });
});
