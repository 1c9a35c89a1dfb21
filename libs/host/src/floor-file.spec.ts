import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FloorFile } from './floor-file';

const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const LINE = 512;

describe('the floor of a process', () => {
  let dir: string;
  const path = (): string => join(dir, 'execution-a.floor');
  const open = (epoch = '3'): FloorFile =>
    FloorFile.open(dir, 'execution-a', epoch, (error) => {
      throw error;
    });
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'evenkeel-floor-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is what was noted last, once it is secured, and the newest of several', async () => {
    const file = open();
    expect(file.before).toBeUndefined();
    file.note(7, hash(1));
    await file.secure();
    file.note(9, hash(2));
    file.note(8, hash(3));
    await Promise.all([file.secure(), file.secure()]);
    expect(open().before).toMatchObject({ epoch: '3', seq: 9, hash: '02'.repeat(32) });
  });

  it('survives a write that was torn, on the line before it', async () => {
    const file = open();
    for (const seq of [1, 2, 3]) {
      file.note(seq, hash(seq));
      await file.secure();
    }
    const bytes = readFileSync(path());
    const newest = bytes.subarray(0, LINE).includes('"seq":3') ? 0 : LINE;
    bytes.fill(0, newest + 40, newest + 80);
    writeFileSync(path(), bytes);
    const again = open();
    expect(again.before).toMatchObject({ seq: 2 });
    again.note(4, hash(4));
    await again.secure();
    expect(open().before).toMatchObject({ seq: 4 });
  });

  it('is not taken for none where it cannot be read', async () => {
    const file = open();
    file.note(1, hash(1));
    await file.secure();
    truncateSync(path(), 300);
    writeFileSync(path(), readFileSync(path()).fill(120));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'HOST.FLOOR_UNREADABLE' }));
  });

  it('begins anew in a new epoch, and is there for who asks what the last one was', async () => {
    const file = open('3');
    file.note(90, hash(9));
    await file.secure();
    const next = open('4');
    expect(next.before).toMatchObject({ epoch: '3', seq: 90 });
    next.note(1, hash(1));
    await next.secure();
    expect(open('4').before).toMatchObject({ epoch: '4', seq: 1 });
  });

  it('remembers a gap that a person accepted, through every life of the process and to the end of the epoch', async () => {
    const lost = { epoch: '3', seq: 90, hash: '09'.repeat(32) };
    const file = open();
    file.note(90, hash(9));
    await file.secure();
    const accepting = open();
    accepting.accept(lost);
    await accepting.secure();
    // It dies before anything was halted for it; another comes, and one more.
    for (const seq of [40, 95]) {
      const next = open();
      expect(next.before).toMatchObject({ epoch: '3', gap: lost });
      next.note(seq, hash(seq));
      await next.secure();
    }
    expect(open().before).toMatchObject({ seq: 95, gap: lost });
    const nextEpoch = open('4');
    nextEpoch.note(1, hash(1));
    await nextEpoch.secure();
    expect(open('4').before?.gap).toBeUndefined();
  });

  it('is tried again for as long as the disk refuses, and whoever waits for it waits', async () => {
    rmSync(dir, { recursive: true });
    writeFileSync(dir, 'in the way');
    const troubles: unknown[] = [];
    const file = FloorFile.open(dir, 'execution-a', '3', (error) => troubles.push(error));
    file.note(1, hash(1));
    const secured = file.secure();
    expect(
      await Promise.race([secured.then(() => 'secured'), new Promise((r) => setTimeout(r, 200, 'waits'))]),
    ).toBe('waits');
    rmSync(dir);
    await secured;
    expect(troubles.length).toBeGreaterThan(0);
    expect(open().before).toMatchObject({ seq: 1 });
  });
});
