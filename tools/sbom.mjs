// npm run sbom [-- FILE]: what an image holds, as a CycloneDX bill of materials of the locked packages. npm's own
// `--omit=dev` (11.19) also leaves out packages that the product and a tool share, so the whole bill is filtered here.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const { status, stdout, stderr } = spawnSync(
  'npm',
  ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'],
  { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
);
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(1);
}

const names = new Set();
for (const [path, { version, dev, devOptional, optional, link }] of Object.entries(packages)) {
  if (dev || devOptional || optional || link || !path.includes('node_modules/')) continue;
  names.add(`${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`);
}
const isShipped = ({ 'bom-ref': ref }) => ref.startsWith('@evenkeel/') || names.has(ref);
const bill = JSON.parse(stdout);
bill.components = bill.components.filter(isShipped);
const shipped = new Set([
  bill.metadata.component['bom-ref'],
  ...bill.components.map((one) => one['bom-ref']),
]);
bill.dependencies = bill.dependencies
  .filter(({ ref }) => shipped.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => shipped.has(one)) }));

const text = `${JSON.stringify(bill, undefined, 2)}\n`;
const file = process.argv[2];
if (file === undefined) process.stdout.write(text);
else writeFileSync(file, text);
