import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvidence } from './evidence-input';

it('reads a pack with all that lies in its folder, so that what does not belong there is named', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-pack-'));
  writeFileSync(join(dir, 'manifest.json'), '{"format":"evenkeel-pack/v1"}');
  mkdirSync(join(dir, 'more'));
  writeFileSync(join(dir, 'more', 'orders.csv'), 'put there by somebody');
  symlinkSync(join(dir, 'manifest.json'), join(dir, 'linked.json'));
  const found = readEvidence(dir);
  rmSync(dir, { recursive: true });
  const names = found.kind === 'pack' ? [...found.files.keys()].sort() : [];
  expect(names).toEqual(['linked.json', 'manifest.json', 'more/orders.csv']);
});
