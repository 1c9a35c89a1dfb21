import { escapeText, rangeChart } from '@evenkeel/charts';
import { reportText } from '@evenkeel/market';
import type { ImportResult, PictureLine } from '@evenkeel/market';

const MICROS_PER_MILLISECOND = 1000;

/** The report with a picture of every price, as one page without scripts. */
export function picturePage({ report, picture }: ImportResult): string {
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    `<title>${escapeText(report.tape)}</title>`,
    '<style>body{font:14px system-ui,sans-serif;margin:2em;max-width:1000px}pre{white-space:pre-wrap}svg{width:100%;height:auto}</style>',
    `<h1>${escapeText(report.tape)}</h1>`,
    ...picture.map((line) => drawn(line, report.from, report.to)),
    `<pre>${escapeText(reportText(report))}</pre></html>\n`,
  ].join('\n');
}

function drawn({ of, format, points }: PictureLine, from: string, to: string): string {
  const least = points.reduce((low, point) => Math.min(low, point.low), Infinity);
  const most = points.reduce((high, point) => Math.max(high, point.high), -Infinity);
  const title = `${of} (${format}): ${least} to ${most}`;
  const chart = rangeChart({
    title,
    from: Date.parse(from),
    to: Date.parse(to),
    points: points.map(({ at, low, high }) => ({ at: at / MICROS_PER_MILLISECOND, low, high })),
  });
  return `<h2>${escapeText(title)}</h2>\n${chart}`;
}
