import { math } from '@evenkeel/pricing';
import type { PolicyMetrics } from './policy-metrics';

/** Size and margins of a chart, user units of its SVG. */
export const WIDTH = 860;
export const HEIGHT = 520;
export const MARGIN = { left: 78, right: 150, top: 46, bottom: 58 };

/** Where a value stands on the chart, and the values that are marked. */
export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/**
 * Cost against residual risk as a self-contained SVG: one point per policy with its confidence intervals, the efficient
 * ones filled and joined. Axes are logarithmic where the values span more than tenfold.
 */
export function frontierChart(rows: readonly PolicyMetrics[], title: string): string {
  const [first] = rows;
  if (first === undefined) return emptyChart(title);
  const unit = first.numeraire;
  const x = axisOf(
    rows.flatMap(({ residualPerDay: { value, low, high } }) => [value, low, high]),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const y = axisOf(
    rows.flatMap(({ costPerDay: { value, low, high } }) => [value, low, high]),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const efficient = rows
    .filter((row) => row.efficient)
    .sort((a, b) => a.residualPerDay.value - b.residualPerDay.value)
    .map((row) => `${fixed(x.place(row.residualPerDay.value))},${fixed(y.place(row.costPerDay.value))}`);
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
    ...rows.map((row) => pointOf(row, x, y)),
    ...labelsOf(rows, x, y),
    '</svg>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function emptyChart(title: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 60"><text x="20" y="34">${escapeText(title)}: nothing to show</text></svg>`;
}

function pointOf(row: PolicyMetrics, x: Axis, y: Axis): string {
  const { residualPerDay: risk, costPerDay: cost } = row;
  const [cx, cy] = [x.place(risk.value), y.place(cost.value)];
  const colour = row.efficient ? '#0b6e4f' : '#7a8896';
  return [
    `<g stroke="${colour}" stroke-opacity="0.55">`,
    `<line x1="${fixed(x.place(risk.low))}" x2="${fixed(x.place(risk.high))}" y1="${fixed(cy)}" y2="${fixed(cy)}"/>`,
    `<line x1="${fixed(cx)}" x2="${fixed(cx)}" y1="${fixed(y.place(cost.low))}" y2="${fixed(y.place(cost.high))}"/>`,
    '</g>',
    `<circle cx="${fixed(cx)}" cy="${fixed(cy)}" r="5" fill="${row.efficient ? colour : '#ffffff'}" stroke="${colour}" stroke-width="2"><title>${escapeText(row.policy)}: ${cost.value.toFixed(2)} per day, ${risk.value.toFixed(2)} per √day</title></circle>`,
  ].join('');
}

const LABEL_HEIGHT = 13;

/** Names beside their points, pushed down where they would lie on one another. */
function labelsOf(rows: readonly PolicyMetrics[], x: Axis, y: Axis): string[] {
  const placed: { readonly left: number; readonly top: number }[] = [];
  return [...rows]
    .sort((a, b) => y.place(a.costPerDay.value) - y.place(b.costPerDay.value))
    .map((row) => {
      const left = x.place(row.residualPerDay.value) + 9;
      let top = y.place(row.costPerDay.value) + 4;
      for (;;) {
        const near = placed.find(
          (other) => Math.abs(other.left - left) < 120 && Math.abs(other.top - top) < LABEL_HEIGHT,
        );
        if (near === undefined) break;
        top = near.top + LABEL_HEIGHT;
      }
      placed.push({ left, top });
      const weight = row.efficient ? ' font-weight="600"' : '';
      return `<text x="${fixed(left)}" y="${fixed(top)}"${weight} fill="#1b2733">${escapeText(row.policy)}</text>`;
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
