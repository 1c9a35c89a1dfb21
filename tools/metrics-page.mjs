// Writes docs/metrics.md from the table that every metric is made from. `--check` fails when the page is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './root.mjs';

/** The table itself; it imports nothing. */
async function metricTable() {
  const source = readFileSync(join(root, 'libs', 'telemetry', 'src', 'metric-table.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);
}

export async function metricsPage() {
  const { METRIC_TABLE, LABELS, WAITS } = await metricTable();
  const rows = Object.entries(METRIC_TABLE).map(
    ([name, { kind, labels, unit, of, meaning }]) =>
      `| \`${name}\` | ${kind} | ${labels.map((one) => `\`${one}\``).join(' ')} | ${unit} | ${of} | ${meaning} |`,
  );
  const labels = Object.entries(LABELS).map(([name, values]) => `| \`${name}\` | ${values} |`);
  const waits = Object.entries(WAITS).map(
    ([what, { for: whom, meaning, keeps }]) => `| \`${what}\` | ${whom} | ${meaning} | ${keeps} |`,
  );
  return `${[
    '# Metrics',
    '',
    'Every service answers `/metrics` in the Prometheus format on `EK_HTTP_PORT`, beside `/health/live` and `/health/ready`. All series of',
    'ours begin with `evenkeel_` and carry the label `service`; those of Node (`process_…`, `nodejs_…`) are there too. Figures of the desk are',
    'folded from facts that are on record, after they are: they are what an auditor reads, a moment later. What to alert on stands in',
    '`infra/prometheus/alerts.yml`; how to run it all in [operations](operations.md). Written by `node tools/metrics-page.mjs`.',
    '',
    '| name | type | labels | unit | of | meaning |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    '## Labels',
    '',
    'Each has few values, so that the number of series is bounded whatever is traded.',
    '',
    '| label | values |',
    '|---|---|',
    ...labels,
    '',
    '## Waits',
    '',
    'Whoever waits for more than ten seconds logs a warning with the code `HOST.WAITING`, for whom and what, again after ten seconds more,',
    'then after twenty, and so on up to five minutes; shows it in `/health/ready`; and in `evenkeel_waiting_seconds{for,what}`, from the first',
    'second. *Not ready* says whether `/health/ready` answers 503 meanwhile; elsewhere it answers 200 and lists it under `waiting`.',
    '',
    '| `what` | `for` | who waits, and why | not ready |',
    '|---|---|---|---|',
    ...waits,
  ].join('\n')}\n`;
}

if (process.argv[1]?.endsWith('metrics-page.mjs')) {
  const page = join(root, 'docs', 'metrics.md');
  const wanted = await metricsPage();
  if (process.argv.includes('--check'))
    process.exit(existsSync(page) && readFileSync(page, 'utf8') === wanted ? 0 : 1);
  writeFileSync(page, wanted);
}
