import { moneyCell, moneyText, sumText } from '@evenkeel/figures';
import type { TcaGroup, TcaReport } from './tca-report';

const PARTS = ['timing', 'spread', 'impact', 'fees', 'opportunity', 'total'] as const;
const SECTIONS = [
  ['by venue', 'byVenue'],
  ['by instrument', 'byInstrument'],
  ['by algorithm', 'byAlgorithm'],
  ['by hour of decision (UTC)', 'byHour'],
] as const;

/** The report for a terminal. Shortfall in basis points of decided notional, costs positive; markouts in our favour positive. */
export function tcaText(report: TcaReport): string {
  const { total } = report.total.shortfallUsd;
  const lines = [
    `transaction costs of ${report.total.trades} trades, ${report.total.fills} fills, ${moneyText(report.total.notionalUsd, 'USD')} decided`,
    `implementation shortfall ${moneyText(total, 'USD')} = ${sumText(
      total,
      PARTS.filter((part) => part !== 'total').map((part) => [part, report.total.shortfallUsd[part]]),
      'USD',
    )}`,
  ];
  const header = `${''.padEnd(28)}${['trades', 'fills', 'USD'].map((name) => name.padStart(12)).join('')}${PARTS.map((part) => part.padStart(12)).join('')}${report.total.markouts.map(({ horizonSeconds }) => `out ${horizonSeconds}s`.padStart(11)).join('')}`;
  lines.push('', header, row(report.total));
  for (const [title, section] of SECTIONS) {
    lines.push('', title);
    for (const group of report[section]) lines.push(row(group));
  }
  return `${lines.join('\n')}\n`;
}

function row(group: TcaGroup): string {
  const bps = PARTS.map((part) => group.partsBps[part].toFixed(3).padStart(12)).join('');
  const outs = group.markouts
    .map(({ bps: moved }) => (moved === null ? '–' : moved.toFixed(2)).padStart(11))
    .join('');
  const counts = [String(group.trades), String(group.fills), usd(group.notionalUsd)];
  return `  ${group.key.padEnd(26)}${counts.map((text) => text.padStart(12)).join('')}${bps}${outs}`;
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
  const table = (groups: readonly TcaGroup[]): string =>
    `<table><thead><tr>${[...head, ...outs].map((text) => `<th>${escape(text)}</th>`).join('')}</tr></thead><tbody>${groups
      .map(
        (group) =>
          `<tr>${cells(group)
            .map((text) => `<td>${escape(text)}</td>`)
            .join('')}</tr>`,
      )
      .join('')}</tbody></table>`;
  const sections = SECTIONS.map(([title, section]) => `<h2>${title}</h2>${table(report[section])}`).join(
    '\n',
  );
  const style =
    'body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1c2733}table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{padding:.25rem .6rem;border-bottom:1px solid #d7dde3;text-align:right;font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Transaction costs</title><style>${style}</style><h1>Transaction costs</h1><p>Implementation shortfall of what was decided, in basis points of decided notional; costs are positive, parts add up to the total. Markouts: move of the middle after our fills, in our favour positive.</p>${table([report.total])}\n${sections}</html>\n`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
