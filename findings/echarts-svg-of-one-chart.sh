#!/usr/bin/env bash
# Guess: ECharts on a server, without animation, gives the same SVG for the same options.
# Seen (echarts 6.1.0): no two drawings of a process are alike, not even two of one chart: their classes are numbered by the drawings
# made so far (zr0-cls-0 in the first, zr1-cls-8 in the second), and even the length may differ. Apart from those numbers and the
# style sheet that names them, the bytes are the same. A process that draws a report twice, or in another order, makes another file.
# What it taught: the names are written anew, and a test draws twice (libs/charts/src/draw.ts, charts.spec.ts).
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts -E echarts@6.1.0
cat >seen.mjs <<'JS'
import { init } from 'echarts';
function made() {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 300, height: 200 });
  chart.setOption({ animation: false, xAxis: {}, yAxis: {}, series: [{ type: 'line', data: [[0, 1], [1, 2]] }] });
  return chart;
}
const chart = made();
const drawings = [chart.renderToSVGString(), chart.renderToSVGString(), made().renderToSVGString()];
for (const svg of drawings) console.log(svg.length, svg.match(/zr\d+-cls-\d+/)[0]);
const bare = (svg) => svg.replace(/<style\s*>[\s\S]*?<\/style>/g, '').replace(/ class="[^"]*"/g, '').replace(/zr\d+-/g, '');
const different = new Set(drawings).size;
const withoutNumbers = new Set(drawings.map(bare)).size;
console.log(JSON.stringify({ different, withoutNumbers }));
process.exit(different === 3 && withoutNumbers === 1 ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
