import type { CustomSeriesOption, LineSeriesOption } from 'echarts';
import { figureText } from './axis';
import { svgOf } from './draw';
import { timeAxis } from './time-axis';

export interface TimeLine {
  readonly name: string;
  readonly colour: string;
  /** Milliseconds since 1970, and the value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface TimeMark {
  readonly at: number;
  readonly filled: boolean;
}

export interface TimeChart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly TimeLine[];
  /** Between two values from each time until the next. */
  readonly band: readonly (readonly [at: number, lower: number, upper: number])[];
  /** On the axis of time. */
  readonly marks: readonly TimeMark[];
  /** A moment to point out. */
  readonly now: number;
  readonly colours: TimeColours;
}

/** Any CSS colour; a page may give variables. */
export interface TimeColours {
  readonly soft: string;
  readonly rule: string;
  readonly ground: string;
  readonly band: string;
  readonly edge: string;
  readonly now: string;
}

const SIZE = { width: 920, height: 276, inPage: true };
const GRID = { left: 70, right: 16, top: 26, bottom: 48 };
const ROOM = 0.06;

/** Lines over event time (UTC), with a band that holds until the next one, marks on the axis and one moment pointed out: a part of a page. */
export function timeChart({ title, unit, lines, band, marks, now, colours }: TimeChart): string {
  const times = [...lines.flatMap(({ points }) => points.map(([at]) => at)), now];
  const values = [
    ...lines.flatMap(({ points }) => points.map(([, value]) => value)),
    ...band.flatMap(([, lower, upper]) => [lower, upper]),
  ].filter((value) => Number.isFinite(value));
  const [from, to] = spanOf(times);
  const [low, high] = spanOf(values);
  const room = ROOM * (high - low);
  const { soft, rule } = colours;
  return svgOf(
    title,
    {
      grid: { ...GRID, containLabel: false },
      xAxis: timeAxis(from, to, soft),
      yAxis: {
        type: 'value',
        min: low - room,
        max: high + room,
        name: unit,
        nameTextStyle: { color: soft, fontSize: 11 },
        axisLabel: {
          color: soft,
          fontSize: 11,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: figureText,
        },
        splitLine: { lineStyle: { color: rule } },
      },
      series: [
        bandOf(band, to, colours),
        ...lines.map(lineOf),
        momentOf(now, low - room, high + room, colours.now),
        marksOf(marks, low - room, colours),
      ],
    },
    SIZE,
  );
}

function spanOf(values: readonly number[]): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high > low) return [low, high];
  return high === low ? [low - 1, low + 1] : [0, 1];
}

function lineOf({ name, colour, points }: TimeLine): LineSeriesOption {
  return {
    type: 'line',
    name,
    silent: true,
    showSymbol: false,
    lineStyle: { color: colour, width: 1.75, join: 'round' },
    data: points.map(([at, value]) => [at, value]),
  };
}

/** A band holds until the next one: a rectangle each. */
function bandOf(band: TimeChart['band'], end: number, { band: fill, edge }: TimeColours): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    data: band.map(([at, lower, upper], index) => [at, lower, upper, band[index + 1]?.[0] ?? end]),
    renderItem: (_params, api) => {
      const value = (index: number): number => Number(api.value(index));
      const [left, top] = api.coord([value(0), value(2)]);
      const [right, bottom] = api.coord([value(3), value(1)]);
      if (left === undefined || top === undefined || right === undefined || bottom === undefined) return null;
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: { x: left, y: top, width: right - left, height: bottom - top },
            style: { fill },
          },
          ...[top, bottom].map((y) => ({
            type: 'line' as const,
            shape: { x1: left, y1: y, x2: right, y2: y },
            style: { stroke: edge, lineWidth: 0.75 },
          })),
        ],
      };
    },
  };
}

function momentOf(now: number, low: number, high: number, colour: string): LineSeriesOption {
  return {
    type: 'line',
    silent: true,
    symbol: 'none',
    lineStyle: { color: colour, width: 1.5, type: [4, 3] },
    data: [
      [now, low],
      [now, high],
    ],
  };
}

function marksOf(marks: readonly TimeMark[], bottom: number, { now, ground }: TimeColours): object {
  return {
    type: 'scatter',
    silent: true,
    symbolSize: 7,
    data: marks.map(({ at, filled }) => ({
      value: [at, bottom],
      itemStyle: { color: filled ? now : ground, borderColor: now, borderWidth: 1.5 },
    })),
  };
}
