import type { CustomSeriesOption, ScatterSeriesOption } from 'echarts';
import { axisOver, figureText, rangeOf, within, withoutFarOut } from './axis';
import type { Range } from './axis';
import { INK, svgOf } from './draw';

/** A value and its confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface ScatterPoint {
  readonly name: string;
  readonly x: Estimate;
  readonly y: Estimate;
  /** Filled, bold in the key, and joined with the others that are. */
  readonly chosen: boolean;
}

export interface ScatterChart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** In the order of the key, which numbers them. */
  readonly points: readonly ScatterPoint[];
}

const WIDTH = 960;
const KEY = { width: 270, text: 205, row: 18 };
const GRID = { left: 74, right: KEY.width + 24, top: 48, bottom: 60 };
const HEIGHT_MIN = 520;
const CHOSEN = '#0b6e4f';
const OTHER = '#7a8896';

interface Placed {
  readonly point: ScatterPoint;
  readonly number: number;
  readonly x: number;
  readonly y: number;
  /** Beyond the axes: drawn at their edge, its figures in the key. */
  readonly isOut: boolean;
}

/**
 * Points with their intervals on two axes, numbered, with a key of their names beside them. One that lies far out stands at the edge
 * as a triangle, so that it does not press the others together; one without figures stands in the key alone. Points of one place share
 * a label. As high as its key.
 */
export function scatterChart({ title, x, y, points }: ScatterChart): string {
  const across = rangeOf(withoutFarOut(points.map((point) => point.x.value)));
  const up = rangeOf(withoutFarOut(points.map((point) => point.y.value)));
  const placed = points.map((point, index): Placed => {
    const at = { x: within(point.x.value, across), y: within(point.y.value, up) };
    const isOut = at.x !== point.x.value || at.y !== point.y.value;
    return { point, number: index + 1, ...at, isOut };
  });
  const drawn = placed.filter((one) => Number.isFinite(one.x) && Number.isFinite(one.y));
  const height = Math.max(HEIGHT_MIN, GRID.top + GRID.bottom + KEY.row * points.length);
  return svgOf(
    title,
    {
      backgroundColor: '#ffffff',
      title: {
        text: title,
        left: GRID.left,
        top: 12,
        textStyle: { fontSize: 15, fontWeight: 600, color: INK },
      },
      grid: { ...GRID, containLabel: false },
      xAxis: axisOver(across, x, 34),
      yAxis: axisOver(up, y, 52),
      legend: keyOf(placed),
      series: [
        intervals(drawn, across, up),
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color: CHOSEN, width: 1.5, type: 'dashed' },
          data: drawn
            .filter(({ point }) => point.chosen)
            .sort((a, b) => a.x - b.x)
            .map((one) => [one.x, one.y]),
        },
        ...placed.map((one) => markOf(one, drawn)),
      ],
    },
    { width: WIDTH, height },
  );
}

function keyOf(placed: readonly Placed[]): object {
  return {
    orient: 'vertical',
    left: WIDTH - KEY.width,
    top: GRID.top - 6,
    itemGap: 4,
    itemWidth: 10,
    itemHeight: 10,
    selectedMode: false,
    textStyle: { fontSize: 11, color: INK, width: KEY.text, overflow: 'truncate' },
    data: placed.map((one) => ({
      name: nameOf(one),
      textStyle: { fontWeight: one.point.chosen ? 600 : 400 },
    })),
  };
}

function nameOf({ point, number, isOut }: Placed): string {
  const figures = ` (${figureText(point.x.value)}; ${figureText(point.y.value)})`;
  const known = Number.isFinite(point.x.value) && Number.isFinite(point.y.value);
  return `${number}  ${point.name}${known ? (isOut ? figures : '') : ' (no figures)'}`;
}

function markOf(one: Placed, drawn: readonly Placed[]): ScatterSeriesOption {
  const { point, x, y, isOut } = one;
  const colour = point.chosen ? CHOSEN : OTHER;
  const together = drawn.filter((other) => other.x === x && other.y === y);
  const isDrawn = drawn.includes(one);
  return {
    type: 'scatter',
    name: nameOf(one),
    silent: true,
    symbol: isOut ? 'triangle' : 'circle',
    symbolSize: isOut ? 12 : 10,
    itemStyle: { color: point.chosen ? colour : '#ffffff', borderColor: colour, borderWidth: 2 },
    label: {
      show: isDrawn && together[0] === one,
      formatter: together.map(({ number }) => number).join(', '),
      position: 'right',
      distance: 4,
      fontSize: 11,
      fontWeight: point.chosen ? 600 : 400,
      color: INK,
    },
    labelLayout: { hideOverlap: true, moveOverlap: 'shiftY' },
    labelLine: { show: true, minTurnAngle: 0, lineStyle: { color: OTHER, width: 0.5 } },
    data: isDrawn ? [[x, y]] : [],
  };
}

/** A cross of lines over each point, clipped to the axes. */
function intervals(drawn: readonly Placed[], across: Range, up: Range): CustomSeriesOption {
  const finite = (value: number, otherwise: number): number => (Number.isFinite(value) ? value : otherwise);
  return {
    type: 'custom',
    silent: true,
    z: 1,
    data: drawn.map(({ x, y, point }) => [
      x,
      y,
      within(finite(point.x.low, x), across),
      within(finite(point.x.high, x), across),
      within(finite(point.y.low, y), up),
      within(finite(point.y.high, y), up),
      point.chosen ? 1 : 0,
    ]),
    renderItem: (_params, api) => {
      const value = (index: number): number => Number(api.value(index));
      const place = (atX: number, atY: number): number[] => api.coord([atX, atY]);
      const line = (from: number[], to: number[]) => ({
        type: 'polyline' as const,
        shape: { points: [from, to] },
        style: { stroke: value(6) === 1 ? CHOSEN : OTHER, fill: 'none', opacity: 0.35, lineWidth: 1 },
      });
      return {
        type: 'group',
        children: [
          line(place(value(2), value(1)), place(value(3), value(1))),
          line(place(value(0), value(4)), place(value(0), value(5))),
        ],
      };
    },
  };
}
