import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@evenkeel/kernel';
import { requireNewFile, requireWritable, writeNamedFile } from './written-file';

describe('a file that a person named for writing', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-written-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is written with the folders it lies in', () => {
    const path = join(dir, 'a', 'b', 'report.json');
    writeNamedFile(path, 'x');
    expect(readFileSync(path, 'utf8')).toBe('x');
  });

  it('is left as it is where it is evidence that is there already', () => {
    const path = join(dir, 'evidence.jsonl');
    requireNewFile(path);
    writeNamedFile(path, 'first', 'wx');
    expect(() => requireNewFile(path)).toThrow(/never overwritten/);
    expect(() => writeNamedFile(path, 'second', 'wx')).toThrow(/never overwritten/);
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  it('is refused by name where it cannot be', () => {
    const file = join(dir, 'file');
    writeNamedFile(file, 'x');
    expect(() => writeNamedFile(dir, 'x')).toThrow(InvalidInputError);
    expect(() => writeNamedFile(dir, 'x')).toThrow(/is a folder, not a file/);
    expect(() => writeNamedFile(join(file, 'report.json'), 'x')).toThrow(
      /lies below something that is no folder/,
    );
  });

  it('is known to be writable before the work for it begins, and nothing is made', () => {
    const file = join(dir, 'there');
    writeNamedFile(file, 'x');
    requireWritable(file);
    requireWritable(dir, 'folder');
    requireWritable(join(dir, 'new', 'folder'), 'folder');
    requireWritable(join(dir, 'new', 'report.json'));
    expect(existsSync(join(dir, 'new'))).toBe(false);
    expect(() => requireWritable(dir)).toThrow(/is a folder, not a file/);
    expect(() => requireWritable(file, 'folder')).toThrow(/no folder/);
    expect(() => requireWritable(join(file, 'deep', 'report.json'))).toThrow(/no folder/);
  });
});
