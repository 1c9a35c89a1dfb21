import { HEIGHT, MARGIN, WIDTH, axisOf, escapeText, fixed, gridOf } from '../compare/frontier-chart';
import type { Axis } from '../compare/frontier-chart';

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** 95 % interval of y, drawn as a bar; left out where absent. */
  readonly low?: number;
  readonly high?: number;
  /** Shown when the pointer rests on it. */
  readonly label: string;
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

/** Curves through points as a self-contained SVG, with a legend; axes are logarithmic where values span more than tenfold. */
export function curveChart({ title, x, y, curves }: CurveChart): string {
  const points = curves.flatMap((curve) => curve.points);
  const across = axisOf(
    points.map((point) => point.x),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const up = axisOf(
    points.map((point) => point.y),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${MARGIN.left}" y="24" font-size="15" font-weight="600" fill="#1b2733">${escapeText(title)}</text>`,
    ...gridOf(across, up),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 16}" text-anchor="middle" fill="#1b2733">${escapeText(x)}</text>`,
    `<text transform="translate(20 ${(MARGIN.top + HEIGHT - MARGIN.bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#1b2733">${escapeText(y)}</text>`,
    ...curves.map((curve) => drawn(curve, across, up)),
    ...curves.map((curve, row) => legendOf(curve, row)),
    '</svg>',
    '',
  ].join('\n');
}

function drawn({ points, colour, dashed }: Curve, across: Axis, up: Axis): string {
  const line = points.map((point) => `${fixed(across.place(point.x))},${fixed(up.place(point.y))}`).join(' ');
  const dash = dashed === true ? ' stroke-dasharray="5 4"' : '';
  const marks = points.map((point) => {
    const cx = fixed(across.place(point.x));
    const bar =
      point.low === undefined || point.high === undefined
        ? ''
        : `<line x1="${cx}" x2="${cx}" y1="${fixed(up.place(point.low))}" y2="${fixed(up.place(point.high))}" stroke="${colour}" stroke-opacity="0.6"/>`;
    return `${bar}<circle cx="${cx}" cy="${fixed(up.place(point.y))}" r="3" fill="${dashed === true ? '#ffffff' : colour}" stroke="${colour}"><title>${escapeText(point.label)}</title></circle>`;
  });
  return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="1.5"${dash}/>${marks.join('')}`;
}

function legendOf({ name, colour, dashed }: Curve, row: number): string {
  const [left, top] = [WIDTH - MARGIN.right + 12, MARGIN.top + 12 + row * 18];
  const dash = dashed === true ? ' stroke-dasharray="5 4"' : '';
  return `<line x1="${left}" x2="${left + 20}" y1="${top}" y2="${top}" stroke="${colour}" stroke-width="2"${dash}/><text x="${left + 26}" y="${top + 4}" font-size="11" fill="#1b2733">${escapeText(name)}</text>`;
}
