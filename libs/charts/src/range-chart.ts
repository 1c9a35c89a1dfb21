import { figureText, rangeOf } from './axis';
import { RULE, SOFT, svgOf } from './draw';
import { timeAxis } from './time-axis';

export interface RangePoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly low: number;
  readonly high: number;
}

export interface RangeChart {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly points: readonly RangePoint[];
}

const SIZE = { width: 960, height: 200, inPage: true };
const GRID = { left: 70, right: 16, top: 12, bottom: 48 };
const COLOUR = '#1b6ca8';

/** What a value ranged over, a bar for each moment that something is known of, so that gaps show: a part of a page. */
export function rangeChart({ title, from, to, points }: RangeChart): string {
  const { low, high } = rangeOf(points.flatMap((point) => [point.low, point.high]));
  return svgOf(
    title,
    {
      grid: { ...GRID, containLabel: false },
      xAxis: timeAxis(from, to > from ? to : from + 1, SOFT),
      yAxis: {
        type: 'value',
        min: low,
        max: high,
        axisLabel: {
          color: SOFT,
          fontSize: 11,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: figureText,
        },
        splitLine: { lineStyle: { color: RULE } },
      },
      series: [
        {
          type: 'custom',
          silent: true,
          data: points.map((point) => [point.at, point.low, point.high]),
          renderItem: (_params, api) => {
            const at = (index: number): number[] =>
              api.coord([Number(api.value(0)), Number(api.value(index))]);
            const [[x = 0, bottom = 0], [, top = 0]] = [at(1), at(2)] as const;
            // A range of one value is still seen.
            const end = Math.min(top, bottom - 1);
            const style = { stroke: COLOUR, fill: 'none', lineWidth: 1.5 };
            return {
              type: 'polyline',
              shape: {
                points: [
                  [x, bottom],
                  [x, end],
                ],
              },
              style,
            };
          },
        },
      ],
    },
    SIZE,
  );
}
