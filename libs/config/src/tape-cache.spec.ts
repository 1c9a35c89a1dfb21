import { createHash } from 'node:crypto';
import fs, { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tape } from '@evenkeel/market';
import { codeHashOf } from './code-hash';
import { TapeCache } from './tape-cache';
import { loadTape } from './tape-files';

const SAMPLES = join(__dirname, '..', '..', '..', 'samples');

describe('tapes kept as columns', () => {
  let dir: string;
  let folder: string;
  let manifest: string;
  let said: string[];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-tapes-'));
    folder = join(dir, 'home', 'tapes');
    cpSync(SAMPLES, join(dir, 'samples'), { recursive: true });
    manifest = join(dir, 'samples', 'tape.json');
    said = [];
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const cached = (most?: number): Tape => {
    const cache = new TapeCache(folder, (message) => said.push(message), most);
    const tape = loadTape(manifest, cache);
    cache.keepRead();
    return tape;
  };
  const kept = (): string[] => readdirSync(folder).map((name) => join(folder, name));

  function expectSame(tape: Tape): void {
    const read = loadTape(manifest);
    const { instants: _given, ...rest } = tape;
    const { instants: _read, ...expected } = read;
    expect(rest).toEqual(expected);
    expect([...tape.instants()]).toStrictEqual([...read.instants()]);
    expect([...tape.instants()]).toStrictEqual([...tape.instants()]);
  }

  it('are what reading the files gives, the first time and from then on', () => {
    expectSame(cached());
    expect(kept()).toHaveLength(1);
    expectSame(cached());
    expect(kept()).toHaveLength(1);
    expect(said).toEqual([]);
  });

  it('belong to the bytes of their files', () => {
    cached();
    const written = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, `${written}\n`);
    cached();
    expect(kept()).toHaveLength(2);
  });

  it('belong to the code that unpacks and decodes their files, and to that which reads them', () => {
    cached();
    const written = readFileSync(manifest, 'utf8');
    const { sources } = JSON.parse(written) as { sources: { file: string }[] };
    const hash = createHash('sha256').update(codeHashOf('@evenkeel/config', __filename));
    for (const [name, bytes] of [
      ['manifest', Buffer.from(written)] as const,
      ...[...new Set(sources.map(({ file }) => file))].map(
        (file) => [file, readFileSync(join(dir, 'samples', file))] as const,
      ),
    ])
      hash.update(`\0${name}\0${bytes.length}\0`).update(bytes);
    expect(kept()).toEqual([join(folder, `${hash.digest('hex')}.tape`)]);
  });

  it('are read all the same where one is tidied away while it is read', () => {
    cached();
    const utimes = fs.utimesSync;
    const spied = jest.spyOn(fs, 'utimesSync').mockImplementation((path, ...times) => {
      rmSync(String(path));
      utimes(path, ...times);
    });
    try {
      expectSame(cached());
      expect(spied).toHaveBeenCalledTimes(1);
      expect(said).toEqual([]);
    } finally {
      spied.mockRestore();
    }
  });

  it.each([
    ['torn', (bytes: Buffer) => bytes.subarray(0, bytes.length - 9), 'is not whole'],
    ['spoilt in one bit', (bytes: Buffer) => spoilt(bytes, bytes.length >> 1), 'is not whole'],
    ['of something else', () => Buffer.from('date,open\n'), 'is no tape of ours'],
    ['of other files', (bytes: Buffer) => spoilt(bytes, 41), 'is of other files'],
    ['empty', () => Buffer.alloc(0), 'is no tape of ours'],
  ])('are made anew, and it is said, where one is %s', (_, spoil, words) => {
    cached();
    const [path = ''] = kept();
    const whole = readFileSync(path);
    writeFileSync(path, spoil(whole));
    expectSame(cached());
    expect(said).toEqual([`the cached tape ${path} ${words}: its files are read again`]);
    expect(readFileSync(path).equals(whole)).toBe(true);
    expectSame(cached());
    expect(said).toHaveLength(1);
  });

  it('are so many at most, and those that were used last', () => {
    const written = readFileSync(manifest, 'utf8');
    for (const spaces of [0, 1, 0, 2]) {
      writeFileSync(manifest, written + ' '.repeat(spaces));
      cached(2);
    }
    expect(kept()).toHaveLength(2);
    const before = kept();
    writeFileSync(manifest, written);
    cached(2);
    expect(kept()).toEqual(before);
  });

  it('are read all the same where they cannot be kept', () => {
    writeFileSync(join(dir, 'home'), 'a file');
    expectSame(cached());
    expect(said.join()).toContain(`the tape is not kept in ${folder} (ENOTDIR)`);
  });
});

function spoilt(bytes: Buffer, place: number): Buffer {
  const other = Buffer.from(bytes);
  other[place] = (other[place] ?? 0) ^ 1;
  return other;
}
