import type { XAXisComponentOption, YAXisComponentOption } from 'echarts';
import { RULE, SOFT } from './draw';

/** One, two and five of every power of ten: a marked value of a logarithmic axis, which marks only the powers by itself. */
const MARKED = [1, 2, 5];
const POWERS = Array.from({ length: 37 }, (_, index) => Number(`1e${index - 18}`));

const ROOM = 3;
const MARGIN = 0.06;

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
}

/** What an axis over finite values spans: logarithmic where positive ones span more than tenfold. */
export function rangeOf(values: readonly number[]): Range {
  const near = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  const [first, last] = [near[0] ?? 0, near.at(-1) ?? 1];
  if (first > 0 && last / first > 10) return { low: first / 1.15, high: last * 1.15, logarithmic: true };
  const span = last > first ? last - first : Math.abs(last) || 1;
  const low = first - MARGIN * span;
  return { low: first >= 0 ? Math.max(0, low) : low, high: last + MARGIN * span, logarithmic: false };
}

/** Those that are finite and not more than three interquartile ranges beyond the middle half, which would press the others together. */
export function withoutFarOut(values: readonly number[]): readonly number[] {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  const quartile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [q1, q3] = [quartile(0.25), quartile(0.75)];
  const room = ROOM * (q3 - q1);
  return sorted.length < 4 || room === 0
    ? sorted
    : sorted.filter((value) => value >= q1 - room && value <= q3 + room);
}

export const within = (value: number, { low, high }: Range): number => Math.min(Math.max(value, low), high);

type AxisOption = Pick<XAXisComponentOption, 'type' | 'min' | 'max'> & Pick<YAXisComponentOption, 'axisLine'>;

/** An axis of numbers over a range, its name beside it. */
export function axisOver(range: Range, name: string, nameGap: number): AxisOption & Record<string, unknown> {
  const { low, high, logarithmic } = range;
  const marked = POWERS.flatMap((power) => MARKED.map((digit) => digit * power)).filter(
    (value) => value >= low && value <= high,
  );
  const chosen = logarithmic ? { customValues: marked } : {};
  // The ends of a range are no round values.
  const ends = logarithmic ? {} : { showMinLabel: false, showMaxLabel: false };
  return {
    type: logarithmic ? 'log' : 'value',
    min: low,
    max: high,
    name,
    nameLocation: 'middle',
    nameGap,
    nameTextStyle: { color: SOFT },
    axisLine: { show: true, onZero: false, lineStyle: { color: SOFT } },
    axisTick: { show: false, ...chosen },
    axisLabel: {
      color: SOFT,
      hideOverlap: true,
      formatter: figureText,
      ...chosen,
      ...ends,
    },
    splitLine: { show: true, lineStyle: { color: RULE } },
  };
}

/** Three digits, thousands apart: `1,250`, `0.0123`. */
export function figureText(value: number): string {
  if (Math.abs(value) >= 1000) return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
  return Number(value.toPrecision(3)).toString();
}
