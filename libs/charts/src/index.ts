export { curveChart } from './curve-chart';
export type { Curve, CurveChart, CurvePoint } from './curve-chart';
export { escapeText } from './draw';
export { rangeChart } from './range-chart';
export type { RangeChart, RangePoint } from './range-chart';
export { scatterChart } from './scatter-chart';
export type { Estimate, ScatterChart, ScatterPoint } from './scatter-chart';
export { timeChart } from './time-chart';
export type { TimeChart, TimeColours, TimeLine, TimeMark } from './time-chart';
