import type { Estimate } from './block-bootstrap';
import { escapeText, frontierChart } from './frontier-chart';
import type { PolicyMetrics } from './policy-metrics';
import type { Fold } from './walk-forward';

/** What `keel lab compare` found, for programs (JSON) and for people (Markdown, HTML). */
export interface Comparison {
  readonly schemaVersion: 1;
  /** The command that makes this again. */
  readonly command: string;
  readonly markets: readonly string[];
  readonly riskAversion: number;
  readonly confidence: number;
  readonly books: readonly BookComparison[];
}

export interface BookComparison {
  readonly book: string;
  readonly numeraire: string;
  readonly reference: string;
  readonly rows: readonly PolicyMetrics[];
  /** Fitted policies: what was chosen for each stretch, from the hours before it. */
  readonly fits: readonly FitRecord[];
}

export interface FitRecord {
  readonly policy: string;
  readonly market: string;
  readonly folds: readonly (Fold & { readonly parameters: string })[];
}

interface Column {
  readonly head: string;
  readonly cell: (row: PolicyMetrics) => string;
}

function columnsOf(comparison: Comparison): Column[] {
  const percent = (comparison.confidence * 100).toFixed(0);
  return [
    { head: 'policy', cell: (row) => row.policy },
    { head: 'efficient', cell: (row) => (row.efficient ? '●' : '') },
    { head: 'P&L', cell: (row) => amount(row.pnl) },
    { head: 'unhedged', cell: (row) => amount(row.unhedgedPnl) },
    { head: 'fees', cell: (row) => amount(row.fees) },
    { head: 'slippage', cell: (row) => amount(row.slippage) },
    { head: 'funding', cell: (row) => amount(row.funding) },
    { head: `cost/day (${percent} %)`, cell: (row) => interval(row.costPerDay) },
    { head: `residual/√day (${percent} %)`, cell: (row) => interval(row.residualPerDay) },
    { head: 'variance ratio', cell: (row) => row.varianceRatio.toFixed(4) },
    { head: 'turnover, USD', cell: (row) => amount(row.turnoverUsd) },
    { head: 'fills', cell: (row) => row.fills.toString() },
    { head: 'worst hour', cell: (row) => amount(row.worstHour) },
    { head: 'score/day', cell: (row) => amount(row.score.value) },
    {
      head: `against reference (${percent} %)`,
      cell: (row) => (row.againstReference === undefined ? 'reference' : interval(row.againstReference)),
    },
  ];
}

const MEANING =
  'Money in the numeraire. Cost is fees and slippage (fills against the marks their decisions saw); residual risk is the ' +
  'standard deviation of hourly changes of the hedged P&L before costs, × √24; the variance ratio sets those changes against ' +
  'the unhedged book’s; the score is cost + ½ × risk aversion × residual²; intervals are a circular block bootstrap of days, ' +
  'the same days for every policy.';

/** The comparison as Markdown, for documentation and terminals. */
export function renderComparison(comparison: Comparison): string {
  const lines = [`    ${comparison.command}`, ''];
  lines.push(
    `Markets: ${comparison.markets.join(', ')}. Risk aversion ${comparison.riskAversion}. ${MEANING}`,
    '',
  );
  const columns = columnsOf(comparison);
  for (const { book, numeraire, rows, fits } of comparison.books) {
    lines.push(`### ${book} (${numeraire})`, '');
    lines.push(`| ${columns.map(({ head }) => head).join(' | ')} |`);
    lines.push(`|${columns.map((_, index) => (index === 0 ? '---' : '--:')).join('|')}|`);
    for (const row of rows) lines.push(`| ${columns.map(({ cell }) => cell(row)).join(' | ')} |`);
    lines.push('');
    for (const fit of fits)
      for (const fold of fit.folds)
        lines.push(`- ${fit.policy} on ${fit.market}, hours ${fold.from}–${fold.to}: ${fold.parameters}`);
    if (fits.length > 0) lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

/** One self-contained page: chart and table per book. */
export function renderComparisonPage(comparison: Comparison): string {
  const columns = columnsOf(comparison);
  const sections = comparison.books.map(({ book, rows, fits }) => {
    const head = columns.map((column) => `<th>${escapeText(column.head)}</th>`).join('');
    const body = rows
      .map(
        (row) =>
          `<tr${row.efficient ? ' class="efficient"' : ''}>${columns.map(({ cell }) => `<td>${escapeText(cell(row))}</td>`).join('')}</tr>`,
      )
      .join('\n');
    const fitted = fits.flatMap((fit) =>
      fit.folds.map(
        (fold) =>
          `<li>${escapeText(`${fit.policy} on ${fit.market}, hours ${fold.from}–${fold.to}: ${fold.parameters}`)}</li>`,
      ),
    );
    return `<section><h2>${escapeText(book)}</h2>\n${frontierChart(rows, `${book}: cost against residual risk`)}\n<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>${fitted.length > 0 ? `<ul>${fitted.join('')}</ul>` : ''}</section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Policies compared</title><style>
body{font:14px/1.5 system-ui,sans-serif;color:#1b2733;margin:2rem auto;max-width:76rem;padding:0 1rem}
svg{max-width:860px;width:100%;height:auto;border:1px solid #e4e9ee}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:.25rem .6rem;border-bottom:1px solid #e4e9ee;text-align:right}th:first-child,td:first-child{text-align:left}
tr.efficient td:first-child{font-weight:600;color:#0b6e4f}.wide{overflow-x:auto}code{background:#f3f6f8;padding:.1rem .3rem}
</style></head><body>
<h1>Policies compared</h1>
<p><code>${escapeText(comparison.command)}</code></p>
<p>Markets: ${escapeText(comparison.markets.join(', '))}. Risk aversion ${comparison.riskAversion}. ${escapeText(MEANING)} Filled points are efficient: no other policy has both less cost and less residual risk.</p>
${sections.join('\n')}
</body></html>
`;
}

function amount(value: number): string {
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 1000 ? 1 : 0;
  const [whole = '0', fraction] = Math.abs(value).toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

const interval = ({ value, low, high }: Estimate): string =>
  `${amount(value)} [${amount(low)}, ${amount(high)}]`;
