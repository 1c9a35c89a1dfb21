import { init } from 'echarts';
import type { EChartsOption } from 'echarts';

export type ChartOption = EChartsOption;

export interface ChartSize {
  readonly width: number;
  readonly height: number;
  /** True for a chart inside a page, which needs no name space of its own. */
  readonly inPage?: boolean;
}

/** Colours of ink and rules on white. */
export const INK = '#1b2733';
export const SOFT = '#4a5866';
export const RULE = '#e4e9ee';

/**
 * One chart as self-contained SVG: no script, no style sheet, no reference to anything outside, and the same bytes for the same
 * option wherever and however often it is drawn. `title` is what a reader without eyes is told.
 */
export function svgOf(title: string, option: ChartOption, { inPage, ...size }: ChartSize): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'system-ui, sans-serif', color: INK },
    ...option,
  });
  const drawn = chart.renderToSVGString();
  chart.dispose();
  return (
    drawn
      // Numbered, by ECharts 6.1.0, by how many charts the process has drawn before.
      .replace(/\bzr\d+-/g, 'chart-')
      // What the pointer may do to a picture is nothing.
      .replace(/<style\s*>[\s\S]*?<\/style>\n*/g, '')
      .replace(inPage === true ? / xmlns(?::xlink)?="[^"]*"/g : /(?!)/, '')
      .replace(/ (?:class|ecmeta_[a-z_]+|pointer-events)="[^"]*"/g, '')
      .replace(
        /^<svg [^>]*>/,
        (tag) => `${tag.replace('<svg ', '<svg role="img" ')}\n<title>${escapeText(title)}</title>`,
      )
      .trimEnd()
  );
}

/** Text inside of markup: names come from people. */
export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
