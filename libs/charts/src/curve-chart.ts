import type { CustomSeriesOption, LineSeriesOption } from 'echarts';
import { axisOver, rangeOf, within } from './axis';
import type { Range } from './axis';
import { INK, svgOf } from './draw';

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** 95 % interval of y, drawn as a bar; left out where absent. */
  readonly low?: number;
  readonly high?: number;
}

export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly dashed?: boolean;
  readonly points: readonly CurvePoint[];
}

export interface CurveChart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
}

const SIZE = { width: 920, height: 520 };
const GRID = { left: 74, right: 230, top: 48, bottom: 60 };

/** Curves through points, with a legend; axes are logarithmic where values span more than tenfold. */
export function curveChart({ title, x, y, curves }: CurveChart): string {
  const points = curves.flatMap((curve) => curve.points);
  const across = rangeOf(points.map((point) => point.x));
  const up = rangeOf(points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]));
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
      legend: {
        orient: 'vertical',
        left: SIZE.width - GRID.right + 12,
        top: GRID.top,
        selectedMode: false,
        textStyle: { fontSize: 11, color: INK },
      },
      series: curves.flatMap((curve) => [lineOf(curve), barsOf(curve, up)]),
    },
    SIZE,
  );
}

function lineOf({ name, colour, dashed, points }: Curve): LineSeriesOption {
  return {
    type: 'line',
    name,
    silent: true,
    symbol: 'circle',
    symbolSize: 6,
    lineStyle: { color: colour, width: 1.5, type: dashed === true ? 'dashed' : 'solid' },
    itemStyle: { color: dashed === true ? '#ffffff' : colour, borderColor: colour },
    data: [...points].sort((a, b) => a.x - b.x).map((point) => [point.x, point.y]),
  };
}

function barsOf({ colour, points }: Curve, up: Range): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    clip: true,
    data: points.flatMap(({ x, low, high }) =>
      low === undefined || high === undefined ? [] : [[x, within(low, up), within(high, up)]],
    ),
    renderItem: (_params, api) => {
      const at = (index: number): number[] => api.coord([Number(api.value(0)), Number(api.value(index))]);
      const style = { stroke: colour, fill: 'none', opacity: 0.6, lineWidth: 1 };
      return { type: 'polyline', shape: { points: [at(1), at(2)] }, style };
    },
  };
}
