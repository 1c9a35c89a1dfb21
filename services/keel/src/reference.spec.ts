import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { METRIC_TABLE } from '@evenkeel/telemetry';
import { REPOSITORY } from './stack/home';

function sources(dir: string, out: string[] = []): string[] {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'generated', 'assembly', 'test'].includes(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) sources(path, out);
    else if (/(?<!\.spec|test-support)\.ts$/.test(entry.name)) out.push(path);
  }
  return out;
}

const code = ['libs', 'services'].flatMap((kind) => sources(join(REPOSITORY, kind)));
const textOf = (path: string): string => readFileSync(path, 'utf8');

/** Names of series in a text, without what a histogram adds to its own. */
function metricsIn(text: string): string[] {
  const names = text.match(/\bevenkeel_[a-z_]+\b/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
}

const LOGINS = /^evenkeel_(ledger|reader|writer|auditor|migrate)$/;

describe('the reference pages', () => {
  it.each(['errors-page', 'metrics-page'])('are as the code has it: %s', (tool) => {
    const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'tools', `${tool}.mjs`), '--check']);
    expect(status).toBe(0);
  });
});

describe('metrics', () => {
  it('are made from the table alone, and each of the table is made', () => {
    const table = join('telemetry', 'src', 'metric-table.ts');
    const used = new Set(
      code.filter((path) => !path.endsWith(table)).flatMap((path) => metricsIn(textOf(path))),
    );
    const known = new Set(Object.keys(METRIC_TABLE));
    expect([...used].filter((name) => !known.has(name) && !LOGINS.test(name))).toEqual([]);
    expect([...known].filter((name) => !used.has(name))).toEqual([]);
  });

  it('are named on the pages as they are', () => {
    const pages = ['docs', join('docs', 'runbooks'), join('docs', 'adr')].flatMap((folder) =>
      readdirSync(join(REPOSITORY, folder))
        .filter((name) => name.endsWith('.md'))
        .map((name) => join(folder, name)),
    );
    const wrong = pages.flatMap((page) =>
      metricsIn(textOf(join(REPOSITORY, page)))
        .filter((name) => !(name in METRIC_TABLE) && !LOGINS.test(name) && !/_$/.test(name))
        .map((name) => `${page}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});
