import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrontierReport } from './frontier';
import { approachCurves, frontierCurves } from './frontier-page';

const EVIDENCE = join(__dirname, '..', '..', '..', 'docs', 'evidence');
const read = (name: string): string => readFileSync(join(EVIDENCE, name), 'utf8');

it('the curves among the evidence are those of its figures, byte for byte', () => {
  const report = JSON.parse(read('frontier-figures.json')) as FrontierReport; // as `keel lab frontier --json` printed it
  expect(frontierCurves(report)).toBe(read('frontier.svg'));
  expect(approachCurves(report)).toBe(read('approach.svg'));
});
