import { escapeText } from '@evenkeel/charts';
import { moneyCell, tableLines } from '@evenkeel/figures';
import type { TextColumn } from '@evenkeel/figures';
import type { Estimate } from './block-bootstrap';
import { frontierChart } from './frontier-chart';
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
  /** Hours at the start of each market that nobody is judged by: where a policy is fitted, it learnt from them. */
  readonly skippedHours: number;
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
    { head: 'P&L', cell: (row) => moneyCell(row.pnl, row.numeraire) },
    { head: 'unhedged', cell: (row) => moneyCell(row.unhedgedPnl, row.numeraire) },
    { head: 'fees', cell: (row) => moneyCell(row.fees, row.numeraire) },
    { head: 'slippage', cell: (row) => moneyCell(row.slippage, row.numeraire) },
    { head: 'funding', cell: (row) => moneyCell(row.funding, row.numeraire) },
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

/** Which hours the policies of a book are judged by. */
function hoursText({ book, rows, skippedHours }: BookComparison): string {
  const judged = `${book}: judged over ${rows[0]?.hours ?? 0} hours`;
  if (skippedHours === 0) return judged;
  return `${judged}; the first ${skippedHours} of each market are left out, as fitted policies learnt from them`;
}

/** The comparison for a terminal: the best score first, as many columns as fit. */
export function comparisonText(comparison: Comparison, width?: number): string {
  const lines = [
    `Markets: ${comparison.markets.join(', ')}. Risk aversion ${comparison.riskAversion}.`,
    ...comparison.books.flatMap((compared) => {
      const { book, numeraire, rows } = compared;
      return [
        '',
        hoursText(compared),
        `${book}, ${numeraire}; ● efficient, ◄ best score`,
        ...tableLines(terminalColumns(byScore(rows), numeraire), width).map((line) => `  ${line}`),
      ];
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function terminalColumns(rows: readonly PolicyMetrics[], numeraire: string): TextColumn[] {
  const column = (
    head: string,
    cell: (row: PolicyMetrics, place: number) => string,
    left = false,
  ): TextColumn => ({
    head,
    cells: rows.map(cell),
    ...(left ? { left } : {}),
  });
  return [
    column(
      'policy',
      ({ policy, efficient }, place) => `${efficient ? '●' : ' '} ${policy}${place === 0 ? ' ◄' : ''}`,
      true,
    ),
    column('score/day', ({ score }) => amount(score.value)),
    column('cost/day', ({ costPerDay }) => interval(costPerDay)),
    column('residual/√day', ({ residualPerDay }) => interval(residualPerDay)),
    column('P&L', ({ pnl }) => moneyCell(pnl, numeraire)),
    column('fees', ({ fees }) => moneyCell(fees, numeraire)),
    column('fills', ({ fills }) => fills.toString()),
    column('variance ratio', ({ varianceRatio }) => varianceRatio.toFixed(4)),
    column('against reference', ({ againstReference }) =>
      againstReference === undefined ? 'reference' : interval(againstReference),
    ),
    column('worst hour', ({ worstHour }) => amount(worstHour)),
  ];
}

/** The least score first: what is best by the number that is minimised. */
function byScore(rows: readonly PolicyMetrics[]): PolicyMetrics[] {
  return [...rows].sort((a, b) => a.score.value - b.score.value);
}

/** The comparison as Markdown, for documentation. */
export function renderComparison(comparison: Comparison): string {
  const lines = [`    ${comparison.command}`, ''];
  lines.push(
    `Markets: ${comparison.markets.join(', ')}. Risk aversion ${comparison.riskAversion}. ${MEANING}`,
    '',
  );
  const columns = columnsOf(comparison);
  for (const compared of comparison.books) {
    const { book, numeraire, rows, fits } = compared;
    lines.push(`### ${book} (${numeraire})`, '', `${hoursText(compared)}.`, '');
    lines.push(`| ${columns.map(({ head }) => head).join(' | ')} |`);
    lines.push(`|${columns.map((_, index) => (index === 0 ? '---' : '--:')).join('|')}|`);
    for (const row of byScore(rows)) lines.push(`| ${columns.map(({ cell }) => cell(row)).join(' | ')} |`);
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
  const sections = comparison.books.map((compared) => {
    const { book, rows, fits } = compared;
    const head = columns.map((column) => `<th>${escapeText(column.head)}</th>`).join('');
    const body = byScore(rows)
      .map(
        (row, place) =>
          `<tr class="${[row.efficient ? 'efficient' : '', place === 0 ? 'best' : ''].join(' ').trim()}">${columns.map(({ cell }) => `<td>${escapeText(cell(row))}</td>`).join('')}</tr>`,
      )
      .join('\n');
    const fitted = fits.flatMap((fit) =>
      fit.folds.map(
        (fold) =>
          `<li>${escapeText(`${fit.policy} on ${fit.market}, hours ${fold.from}–${fold.to}: ${fold.parameters}`)}</li>`,
      ),
    );
    return `<section><h2>${escapeText(book)}</h2>\n<p>${escapeText(hoursText(compared))}.</p>\n${frontierChart(rows, `${book}: cost against residual risk`)}\n<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>${fitted.length > 0 ? `<ul>${fitted.join('')}</ul>` : ''}</section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Policies compared</title><style>
body{font:14px/1.5 system-ui,sans-serif;color:#1b2733;margin:2rem auto;max-width:84rem;padding:0 1rem}
svg{width:100%;height:auto;border:1px solid #e4e9ee}
table{border-collapse:collapse;font-size:12px;font-variant-numeric:tabular-nums;width:100%}
td:first-child{white-space:nowrap}th{vertical-align:bottom}
th,td{padding:.25rem .4rem;border-bottom:1px solid #e4e9ee;text-align:right}th:first-child,td:first-child{text-align:left}
tr.best{background:#e9f5f0}tr.efficient td:first-child{font-weight:600;color:#0b6e4f}.wide{overflow-x:auto}code{background:#f3f6f8;padding:.1rem .3rem}
</style></head><body>
<h1>Policies compared</h1>
<p><code>${escapeText(comparison.command)}</code></p>
<p>Markets: ${escapeText(comparison.markets.join(', '))}. Risk aversion ${comparison.riskAversion}. ${escapeText(MEANING)} Filled points are efficient: no other policy has both less cost and less residual risk. The best score is first.</p>
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
