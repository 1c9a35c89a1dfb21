import { math } from '@evenkeel/pricing';
import type { PolicyMetrics } from './policy-metrics';

/** Size and margins of a chart, user units of its SVG. */
export const WIDTH = 920;
export const HEIGHT = 520;
export const MARGIN = { left: 78, right: 210, top: 46, bottom: 58 };

/** Where a value stands on the chart, and the values that are marked. */
export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/**
 * Cost against residual risk as a self-contained SVG: one numbered point per policy with its confidence intervals, the efficient
 * ones filled and joined, names in a key. Axes are logarithmic where the values span more than tenfold. A policy that lies far
 * out stands at the edge as an arrow, its figures in the key, so that it does not press the others together.
 */
export function frontierChart(rows: readonly PolicyMetrics[], title: string): string {
  const [first] = rows;
  if (first === undefined) return emptyChart(title);
  const unit = first.numeraire;
  const sorted = [...rows].sort((a, b) => a.costPerDay.value - b.costPerDay.value);
  const x = axisOf(
    withoutFarOut(sorted.map(({ residualPerDay }) => residualPerDay.value)),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const y = axisOf(
    withoutFarOut(sorted.map(({ costPerDay }) => costPerDay.value)),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const points = sorted.map((row, index): Numbered => {
    const at = { x: x.place(row.residualPerDay.value), y: y.place(row.costPerDay.value) };
    const inside = {
      x: within(at.x, MARGIN.left, WIDTH - MARGIN.right),
      y: within(at.y, MARGIN.top, HEIGHT - MARGIN.bottom),
    };
    return { row, number: index + 1, ...inside, isOut: at.x !== inside.x || at.y !== inside.y };
  });
  const efficient = points
    .filter(({ row }) => row.efficient)
    .sort((a, b) => a.x - b.x)
    .map((point) => `${fixed(point.x)},${fixed(point.y)}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${MARGIN.left}" y="24" font-size="15" font-weight="600" fill="#1b2733">${escapeText(title)}</text>`,
    ...gridOf(x, y),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 16}" text-anchor="middle" fill="#1b2733">residual risk, ${unit} per √day (standard deviation of hourly P&amp;L before costs × √24)</text>`,
    `<text transform="translate(20 ${(MARGIN.top + HEIGHT - MARGIN.bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#1b2733">trading cost, ${unit} per day</text>`,
    efficient.length > 1
      ? `<polyline points="${efficient.join(' ')}" fill="none" stroke="#0b6e4f" stroke-width="1.5" stroke-dasharray="5 4"/>`
      : '',
    ...points.map((point) => pointOf(point, x, y)),
    ...numbersOf(points),
    ...keyOf(points),
    '</svg>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

interface Numbered {
  readonly row: PolicyMetrics;
  readonly number: number;
  readonly x: number;
  readonly y: number;
  /** Beyond the axes: drawn at their edge. */
  readonly isOut: boolean;
}

const within = (value: number, a: number, b: number): number =>
  Math.min(Math.max(value, Math.min(a, b)), Math.max(a, b));

/** Values up to three interquartile ranges beyond the middle half. */
function withoutFarOut(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const quartile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [q1, q3] = [quartile(0.25), quartile(0.75)];
  const room = 3 * (q3 - q1);
  return sorted.length < 4 || room === 0
    ? sorted
    : sorted.filter((value) => value >= q1 - room && value <= q3 + room);
}

function emptyChart(title: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 60"><text x="20" y="34">${escapeText(title)}: nothing to show</text></svg>`;
}

function pointOf({ row, number, x: cx, y: cy, isOut }: Numbered, x: Axis, y: Axis): string {
  const { residualPerDay: risk, costPerDay: cost } = row;
  const colour = row.efficient ? '#0b6e4f' : '#7a8896';
  const across = (value: number): string => fixed(within(x.place(value), MARGIN.left, WIDTH - MARGIN.right));
  const up = (value: number): string => fixed(within(y.place(value), MARGIN.top, HEIGHT - MARGIN.bottom));
  const shape = isOut
    ? `<path d="M${fixed(cx - 6)} ${fixed(cy - 6)}l12 6l-12 6z"`
    : `<circle cx="${fixed(cx)}" cy="${fixed(cy)}" r="5"`;
  const element = isOut ? 'path' : 'circle';
  return [
    `<g stroke="${colour}" stroke-opacity="0.35">`,
    `<line x1="${across(risk.low)}" x2="${across(risk.high)}" y1="${fixed(cy)}" y2="${fixed(cy)}"/>`,
    `<line x1="${fixed(cx)}" x2="${fixed(cx)}" y1="${up(cost.low)}" y2="${up(cost.high)}"/>`,
    '</g>',
    `${shape} fill="${row.efficient ? colour : '#ffffff'}" stroke="${colour}" stroke-width="2"><title>${number}. ${escapeText(row.policy)}: ${figuresOf(row)}</title></${element}>`,
  ].join('');
}

function figuresOf({ residualPerDay: risk, costPerDay: cost, numeraire }: PolicyMetrics): string {
  return `cost ${cost.value.toFixed(2)} ${numeraire} per day, risk ${risk.value.toFixed(2)} ${numeraire} per √day`;
}

/** Where a number may stand beside its point, best first. */
const BESIDE = [
  [9, 4],
  [9, -7],
  [9, 15],
  [-22, 4],
  [-6, -9],
  [-6, 19],
  [-22, -7],
  [-22, 15],
  [24, 4],
  [24, -7],
  [24, 15],
  [-36, 4],
  [-6, -21],
  [-6, 31],
] as const;

/** Numbers beside their points, none on another or on a point. */
function numbersOf(points: readonly Numbered[]): string[] {
  const taken = points.map(({ x, y }) => ({ left: x - 5, top: y - 5, right: x + 5, bottom: y + 5 }));
  return points.map(({ row, number, x, y }) => {
    const boxes = BESIDE.map(([dx, dy]) => ({
      left: x + dx - 1,
      top: y + dy - 10,
      right: x + dx + 15,
      bottom: y + dy + 2,
    }));
    const free = boxes.find(
      (box) =>
        box.right < WIDTH - MARGIN.right + 18 &&
        box.left > MARGIN.left &&
        box.bottom < HEIGHT - MARGIN.bottom &&
        !taken.some(
          (other) =>
            box.left < other.right &&
            other.left < box.right &&
            box.top < other.bottom &&
            other.top < box.bottom,
        ),
    );
    // Where there is no room the number is in the tooltip and the key.
    if (free === undefined) return '';
    taken.push(free);
    const weight = row.efficient ? ' font-weight="600"' : '';
    return `<text x="${fixed(free.left + 1)}" y="${fixed(free.top + 10)}" font-size="11"${weight} fill="#1b2733">${number}</text>`;
  });
}

const KEY_CHARACTERS = 30;

/** Names by number, the cheapest first. */
function keyOf(points: readonly Numbered[]): string[] {
  const left = WIDTH - MARGIN.right + 22;
  const step = Math.min(18, (HEIGHT - MARGIN.top - MARGIN.bottom) / Math.max(1, points.length));
  return points.map(({ row, number, isOut }, index) => {
    const name = isOut
      ? `${row.policy} (${tickText(row.residualPerDay.value)}; ${tickText(row.costPerDay.value)})`
      : row.policy;
    const cut = name.length > KEY_CHARACTERS ? `${name.slice(0, KEY_CHARACTERS - 1)}…` : name;
    const weight = row.efficient ? ' font-weight="600"' : '';
    return `<text x="${left}" y="${fixed(MARGIN.top + 10 + index * step)}" font-size="11"${weight} fill="#1b2733">${number} ${row.efficient ? '●' : '○'} ${escapeText(cut)}<title>${escapeText(row.policy)}: ${figuresOf(row)}</title></text>`;
  });
}

export function gridOf(x: Axis, y: Axis): string[] {
  const [bottom, right] = [HEIGHT - MARGIN.bottom, WIDTH - MARGIN.right];
  const vertical = x.ticks.map((tick) => {
    const at = fixed(x.place(tick));
    return `<line x1="${at}" x2="${at}" y1="${MARGIN.top}" y2="${bottom}" stroke="#e4e9ee"/><text x="${at}" y="${bottom + 18}" text-anchor="middle" fill="#4a5866">${tickText(tick)}</text>`;
  });
  const horizontal = y.ticks.map((tick) => {
    const at = fixed(y.place(tick));
    return `<line x1="${MARGIN.left}" x2="${right}" y1="${at}" y2="${at}" stroke="#e4e9ee"/><text x="${MARGIN.left - 8}" y="${Number(at) + 4}" text-anchor="end" fill="#4a5866">${tickText(tick)}</text>`;
  });
  const frame = `<path d="M${MARGIN.left} ${MARGIN.top}V${bottom}H${right}" fill="none" stroke="#4a5866"/>`;
  return [...vertical, ...horizontal, frame];
}

/** Logarithmic where positive values span more than tenfold, otherwise linear; `from` and `to` in user units. */
export function axisOf(values: readonly number[], from: number, to: number): Axis {
  const finite = values.filter((value) => Number.isFinite(value));
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  return low > 0 && high / low > 10
    ? logarithmicAxis(low / 1.15, high * 1.15, from, to)
    : linearAxis(low, high, from, to);
}

function linearAxis(low: number, high: number, from: number, to: number): Axis {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const start = low >= 0 ? Math.max(0, low - span * 0.08) : low - span * 0.08;
  const end = high + span * 0.08;
  const step = niceStep((end - start) / 6);
  const ticks: number[] = [];
  for (let tick = Math.ceil(start / step) * step; tick <= end; tick += step) ticks.push(tick);
  return { place: (value) => from + ((value - start) / (end - start)) * (to - from), ticks };
}

function logarithmicAxis(low: number, high: number, from: number, to: number): Axis {
  const [bottom, top] = [math.log(low), math.log(high)];
  const ticks: number[] = [];
  for (let decade = 1e-6; decade < high; decade *= 10)
    for (const digit of [1, 2, 5])
      if (decade * digit >= low && decade * digit <= high) ticks.push(decade * digit);
  return {
    place: (value) => from + ((math.log(Math.max(value, low)) - bottom) / (top - bottom)) * (to - from),
    ticks,
  };
}

function niceStep(rough: number): number {
  let decade = 1;
  while (decade * 10 <= rough) decade *= 10;
  while (decade > rough) decade /= 10;
  const digit = rough / decade;
  return decade * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

export const fixed = (value: number): string => value.toFixed(1);

function tickText(value: number): string {
  if (value >= 1000) return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
  return Number(value.toPrecision(3)).toString();
}

export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
