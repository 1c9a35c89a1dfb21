import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { METRIC_TABLE } from '@evenkeel/telemetry';
import type { MetricName } from '@evenkeel/telemetry';
import { parse } from 'yaml';
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

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
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
  it.each(['errors-page', 'metrics-page', 'environment-page'])('are as the code has it: %s', (tool) => {
    const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'tools', `${tool}.mjs`), '--check']);
    expect(status).toBe(0);
  });
});

describe('variables of the environment', () => {
  const page = textOf(join(REPOSITORY, 'docs', 'environment.md'));
  const tool = textOf(join(REPOSITORY, 'tools', 'environment-page.mjs'));
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const known = new Set(rows.map((line) => /`([^`]+)`/.exec(line)?.[1] ?? ''));
  const [, tests = ''] = /OF_TESTS = \[([^\]]*)\]/.exec(tool) ?? [];
  const ofTests = new Set(tests.match(/[A-Z_]{4,}/g));
  const streams = new Set(textOf(join(REPOSITORY, 'infra', 'nats', 'streams.json')).match(/EK_[A-Z_]+/g));
  const isKnown = (name: string): boolean =>
    known.has(name) || known.has(name.replace(/_FILE$/, '')) || ofTests.has(name) || streams.has(name);

  it('are on the page, whoever reads them', () => {
    const tools = readdirSync(join(REPOSITORY, 'tools')).map((name) => join(REPOSITORY, 'tools', name));
    const read = [...code, ...tools, join(REPOSITORY, 'docker-compose.yml')]
      .filter((path) => /\.(ts|mjs|yml)$/.test(path) && !path.endsWith('environment-page.mjs'))
      .flatMap((path) =>
        [...textOf(path).matchAll(/\b((?:EK|NATS)_[A-Z][A-Z_]*[A-Z]|DATABASE_URL)\b/g)].map(([name]) => name),
      );
    expect([...new Set(read)].filter((name) => !isKnown(name)).sort()).toEqual([]);
  });

  it('have a meaning each, and none is there that nobody reads', () => {
    expect(rows.filter((line) => /\|\s*\|[^|]*\|$/.test(line))).toEqual([]);
    const all = code.map(textOf).join('\n');
    const unread = [...known].filter((name) => !name.includes('<') && !all.includes(name));
    expect(unread).toEqual([]);
  });

  it('that open something are marked as secret', () => {
    const secret = rows.filter((line) => line.endsWith('| **yes** |')).join('\n');
    for (const name of ['DATABASE_URL', 'EK_MIGRATE_DATABASE_URL', 'EK_AUDIT_KEY', 'NATS_URL'])
      expect(secret).toContain(`\`${name}\``);
  });
});

describe('alert rules', () => {
  const text = textOf(join(REPOSITORY, 'infra', 'prometheus', 'alerts.yml'));
  const { groups } = parse(text) as { groups: { name: string; rules: Rule[] }[] };
  const rules = groups.flatMap(({ rules: some }) => some);

  it('name metrics and labels that are there, and a page that says what to do', () => {
    expect(rules.length).toBeGreaterThan(15);
    const wrong = rules.flatMap(({ alert, expr, annotations: { summary, runbook } }) => {
      const names = metricsIn(expr);
      const own: readonly string[] = names.flatMap(
        (name) => METRIC_TABLE[name as MetricName]?.labels ?? [], // unknown names are told below
      );
      const labels = new Set([...own, 'service']);
      const used = [
        ...[...expr.matchAll(/([a-z_]+)\s*(?:=|!=|=~)\s*"/g)].map(([, label = '']) => label),
        ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)),
        ...[...summary.matchAll(/\$labels\.([a-z_]+)/g)].map(([, label = '']) => label),
      ];
      return [
        ...(names.length === 0 ? [`${alert} asks for nothing`] : []),
        ...names.filter((name) => !(name in METRIC_TABLE)).map((name) => `${alert}: no ${name}`),
        ...used.filter((label) => !labels.has(label)).map((label) => `${alert}: no label ${label}`),
        ...(existsSync(join(REPOSITORY, runbook)) ? [] : [`${alert}: no ${runbook}`]),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it('are rules to promtool, where it is there', () => {
    const { error, status, stdout, stderr } = spawnSync(
      'promtool',
      ['check', 'rules', join(REPOSITORY, 'infra', 'prometheus', 'alerts.yml')],
      { encoding: 'utf8' },
    );
    if (error === undefined) expect(`${status}\n${stdout}${stderr}`).toMatch(/^0\n/);
    else process.stderr.write('SKIPPED: no promtool on the PATH; the rules were not checked by it\n');
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
