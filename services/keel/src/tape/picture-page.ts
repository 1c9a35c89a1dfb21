import { reportText } from '@evenkeel/market';
import type { ImportResult, PictureLine } from '@evenkeel/market';

const WIDTH = 960;
const HEIGHT = 140;

/** The report with a picture of every price, as one page without scripts. */
export function picturePage({ report, picture }: ImportResult): string {
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    `<title>${escaped(report.tape)}</title>`,
    '<style>body{font:14px system-ui,sans-serif;margin:2em;max-width:1000px}pre{white-space:pre-wrap}</style>',
    `<h1>${escaped(report.tape)}</h1>`,
    ...picture.map((line) => drawn(line, report.from, report.to)),
    `<pre>${escaped(reportText(report))}</pre></html>\n`,
  ].join('\n');
}

function drawn({ of, format, points }: PictureLine, from: string, to: string): string {
  const [start, end] = [Date.parse(from) * 1000, Date.parse(to) * 1000];
  const least = Math.min(...points.map(({ low }) => low));
  const most = Math.max(...points.map(({ high }) => high));
  const across = (at: number): string => ((WIDTH * (at - start)) / (end - start || 1)).toFixed(1);
  const up = (price: number): string =>
    (HEIGHT - (HEIGHT * (price - least)) / (most - least || 1)).toFixed(1);
  const path = points.map(({ at, low, high }) => `M${across(at)} ${up(low)}V${up(high)}h1`).join('');
  const title = `${of} (${format}): ${least} to ${most}`;
  return [
    `<h2>${escaped(title)}</h2>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%" role="img" aria-label="${escaped(title)}">`,
    `<path d="${path}" stroke="#1b6ca8" stroke-width="1.5" fill="none"/></svg>`,
  ].join('');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
