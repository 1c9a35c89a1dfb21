import { moneyCell, moneyText, sumText, tableLines } from '@evenkeel/figures';
import type { TextColumn } from '@evenkeel/figures';
import type { TcaGroup, TcaReport } from './tca-report';

const PARTS = ['timing', 'spread', 'impact', 'fees', 'opportunity', 'total'] as const;
const SECTIONS = [
  ['by venue', 'byVenue'],
  ['by instrument', 'byInstrument'],
  ['by algorithm', 'byAlgorithm'],
  ['by hour of decision (UTC)', 'byHour'],
] as const;

const UNITS =
  'total to opportunity: basis points of the notional decided, a cost is positive; out: basis points that the middle moved after our fills, in our favour positive';

/** The report for a terminal. Shortfall in basis points of decided notional, costs positive; markouts in our favour positive. */
export function tcaText(report: TcaReport, width?: number): string {
  const { total } = report.total.shortfallUsd;
  const lines = [
    `transaction costs of ${report.total.trades} trades, ${report.total.fills} fills, ${moneyText(report.total.notionalUsd, 'USD')} decided`,
    `implementation shortfall ${moneyText(total, 'USD')} = ${sumText(
      total,
      PARTS.filter((part) => part !== 'total').map((part) => [part, report.total.shortfallUsd[part]]),
      'USD',
    )}`,
    UNITS,
  ];
  for (const [title, groups] of [['all', [report.total]] as const, ...sectionsOf(report)])
    lines.push('', title, ...tableLines(columnsOf(groups), width).map((line) => `  ${line}`));
  return `${lines.join('\n')}\n`;
}

type Section = readonly [title: string, groups: readonly TcaGroup[]];

function sectionsOf(report: TcaReport): Section[] {
  return SECTIONS.map(([title, section]) => [title, report[section]] as const);
}

function columnsOf(groups: readonly TcaGroup[]): TextColumn[] {
  const column = (head: string, cell: (group: TcaGroup) => string): TextColumn => ({
    head,
    cells: groups.map(cell),
  });
  const markouts = groups[0]?.markouts ?? [];
  return [
    { ...column('', ({ key }) => key), left: true },
    column('decided USD', ({ notionalUsd }) => usd(notionalUsd)),
    column('total', ({ partsBps }) => partsBps.total.toFixed(3)),
    ...PARTS.filter((part) => part !== 'total').map((part) =>
      column(part, ({ partsBps }) => partsBps[part].toFixed(3)),
    ),
    column('trades', ({ trades }) => String(trades)),
    column('fills', ({ fills }) => String(fills)),
    ...markouts.map(({ horizonSeconds }, place) =>
      column(`out ${horizonSeconds}s`, (group) => markoutText(group, place)),
    ),
  ];
}

function markoutText({ markouts }: TcaGroup, place: number): string {
  const bps = markouts[place]?.bps;
  return bps === null || bps === undefined ? '–' : bps.toFixed(2);
}

function usd(text: string): string {
  return moneyCell(text, 'USD');
}

/** The report as one HTML page without scripts or foreign resources. */
export function tcaHtml(report: TcaReport): string {
  const head = [
    '',
    'trades',
    'orders',
    'fills',
    'notional USD',
    'filled',
    'maker',
    ...PARTS.map((part) => `${part} bps`),
  ];
  const outs = report.total.markouts.map(({ horizonSeconds }) => `markout ${horizonSeconds} s, bps`);
  const cells = (group: TcaGroup): string[] => [
    group.key,
    String(group.trades),
    String(group.orders),
    String(group.fills),
    usd(group.notionalUsd),
    `${(100 * group.fillRate).toFixed(1)} %`,
    `${(100 * group.makerShare).toFixed(1)} %`,
    ...PARTS.map((part) => group.partsBps[part].toFixed(3)),
    ...group.markouts.map(({ bps }) => (bps === null ? '–' : bps.toFixed(2))),
  ];
  const rows = (groups: readonly TcaGroup[]): string =>
    groups
      .map(
        (group) =>
          `<tr>${cells(group)
            .map((text) => `<td>${escape(text)}</td>`)
            .join('')}</tr>`,
      )
      .join('');
  const columns = [...head, ...outs];
  // One table, so that every section has the same columns.
  const sections = sectionsOf(report).map(
    ([title, groups]) =>
      `<tbody><tr><th class="section" colspan="${columns.length}">${escape(title)}</th></tr>${rows(groups)}</tbody>`,
  );
  const table = `<table><thead><tr>${columns.map((text) => `<th>${escape(text)}</th>`).join('')}</tr></thead><tbody>${rows([report.total])}</tbody>${sections.join('\n')}</table>`;
  const style =
    'body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1c2733}.wide{overflow-x:auto}table{border-collapse:collapse;font-size:12px}th.section{text-align:left;padding-top:1.2rem;font-size:15px}td:first-child{white-space:nowrap}th,td{padding:.25rem .45rem;border-bottom:1px solid #d7dde3;text-align:right;font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Transaction costs</title><style>${style}</style><h1>Transaction costs</h1><p>Implementation shortfall of what was decided, in basis points of decided notional; costs are positive, parts add up to the total. Markouts: move of the middle after our fills, in our favour positive.</p><div class="wide">${table}</div></html>\n`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
