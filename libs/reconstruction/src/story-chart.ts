import { formatInstant } from '@evenkeel/kernel';

/** Line charts as SVG text; colours come from the page's style sheet. */

export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartBand {
  readonly points: readonly (readonly [x: number, lower: number, upper: number])[];
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  readonly band?: ChartBand;
  /** Marks on the x axis: filled where something was traded. */
  readonly marks: readonly { readonly x: number; readonly filled: boolean; readonly title: string }[];
  /** The moment the page is about. */
  readonly now: number;
}

const WIDTH = 920;
const HEIGHT = 276;
const PLOT = { left: 64, right: 16, top: 12, bottom: 50 } as const;

export function chartSvg(chart: Chart): string {
  const xs = [...chart.lines.flatMap(({ points }) => points.map(([x]) => x)), chart.now];
  const ys = [
    ...chart.lines.flatMap(({ points }) => points.map(([, y]) => y)),
    ...(chart.band?.points ?? []).flatMap(([, lower, upper]) => [lower, upper]),
  ];
  const [x0, x1] = span(xs);
  const [y0, y1] = padded(span(ys));
  const x = (value: number): string =>
    (PLOT.left + ((value - x0) / (x1 - x0)) * (WIDTH - PLOT.left - PLOT.right)).toFixed(1);
  const y = (value: number): string =>
    (HEIGHT - PLOT.bottom - ((value - y0) / (y1 - y0)) * (HEIGHT - PLOT.top - PLOT.bottom)).toFixed(1);
  const parts = [
    ...ticks(y0, y1).map(
      (value) =>
        `<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="${PLOT.left - 8}" y="${y(value)}" text-anchor="end" dominant-baseline="middle">${label(value)}</text>`,
    ),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => {
      const at = x0 + share * (x1 - x0);
      const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
      return `<text class="tick" x="${x(at)}" y="${HEIGHT - 28}" text-anchor="${anchor}">${time(at)}</text>`;
    }),
    `<text class="tick" x="4" y="${PLOT.top}">${escaped(chart.unit)}</text>`,
    `<text class="tick" x="${WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle">event time, UTC</text>`,
    bandPath(chart.band, x, y, x1),
    ...chart.lines.map(
      (line, index) =>
        `<path class="line line-${index}" d="${line.points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px)} ${y(py)}`).join('')}"><title>${escaped(`${line.name}, ${chart.unit}`)}</title></path>`,
    ),
    `<line class="now" x1="${x(chart.now)}" x2="${x(chart.now)}" y1="${PLOT.top}" y2="${HEIGHT - PLOT.bottom}"/>`,
    ...chart.marks.map(
      (mark) =>
        `<circle class="${mark.filled ? 'traded' : 'declined'}" cx="${x(mark.x)}" cy="${HEIGHT - PLOT.bottom}" r="3.5"><title>${escaped(mark.title)}</title></circle>`,
    ),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(chart.title)}">${parts.join('')}</svg>`;
}

/** The band holds until the next decision tells another: a step line. */
function bandPath(
  band: ChartBand | undefined,
  x: (value: number) => string,
  y: (value: number) => string,
  end: number,
): string {
  const points = band?.points ?? [];
  if (points.length === 0) return '';
  const edge = (pick: (point: readonly [number, number, number]) => number): string[] =>
    points.flatMap((point, index) => {
      const until = points[index + 1]?.[0] ?? end;
      return [`${x(point[0])} ${y(pick(point))}`, `${x(until)} ${y(pick(point))}`];
    });
  const upper = edge(([, , value]) => value);
  const lower = edge(([, value]) => value).reverse();
  return `<path class="band" d="M${[...upper, ...lower].join('L')}Z"/>`;
}

function span(values: readonly number[]): readonly [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return high > low ? [low, high] : [low - 1, low + 1];
}

function padded([low, high]: readonly [number, number]): readonly [number, number] {
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}

/** About five round values between two ends. */
function ticks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 5;
  // The power of ten below it, read off its own digits.
  const magnitude = Number(`1e${rough.toExponential().split('e')[1] ?? '0'}`);
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => size >= rough) ?? rough;
  const values: number[] = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) values.push(n * step);
  return values;
}

function label(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function time(ms: number): string {
  return formatInstant(BigInt(Math.round(ms)) * 1_000_000n)
    .slice(5, 16)
    .replace('T', ' ');
}

/** Text inside of markup: names come from people and venues. */
export function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
