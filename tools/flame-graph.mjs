// A flame graph as one SVG picture: width is time, what stands on a bar was called by it, a colour is a library. Hover for the function,
// its file and its share.

const WIDTH = 1200;
const ROW = 17;
const NARROWEST = 0.7;
const CHARACTER = 6.4;
/** Shorter ones say nothing. */
const LABEL_LEAST = 5;
const LEGEND_COLUMN = 200;
const LEGEND_COLUMNS = WIDTH / LEGEND_COLUMN;

const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const ENGINE = 'JavaScript engine';
const GREY = '#c9ced6';
const libraryOf = (file) => file.split('/')[0].replace(/:$/, '') || ENGINE;

/** Libraries by their own time, largest first, each with a colour as far from its neighbours' as can be. */
function coloursOf(tree) {
  const own = new Map();
  const visit = ({ file, self, children }) => {
    own.set(libraryOf(file), (own.get(libraryOf(file)) ?? 0) + self);
    children.forEach(visit);
  };
  tree.forEach(visit);
  const sorted = [...own].sort(([, one], [, other]) => other - one);
  return sorted.map(([library, self], place) => ({
    library,
    self,
    colour:
      library === ENGINE
        ? GREY
        : `hsl(${Math.round(place * 137.5) % 360} ${place % 2 === 0 ? 60 : 45}% ${place % 3 === 0 ? 70 : 80}%)`,
  }));
}

/** Calls of the same function from the same place are one bar. */
function merged(nodes) {
  const found = new Map();
  for (const node of nodes) {
    const key = `${node.name} ${node.file}`;
    const known = found.get(key) ?? { name: node.name, file: node.file, self: 0, children: [] };
    known.self += node.self;
    known.children.push(...node.children);
    found.set(key, known);
  }
  return [...found.values()].map((node) => {
    const children = merged(node.children);
    return { ...node, children, total: children.reduce((sum, { total }) => sum + total, node.self) };
  });
}

/** `roots`: frames with `name`, `file`, `self` and `children`. */
export function flameGraph(title, roots) {
  const tree = merged(roots);
  const whole = tree.reduce((sum, { total }) => sum + total, 0);
  const bars = [];
  let deepest = 0;
  const draw = (nodes, from, depth) => {
    let x = from;
    for (const node of [...nodes].sort((a, b) => b.total - a.total)) {
      const width = (node.total / whole) * WIDTH;
      if (width >= NARROWEST) {
        deepest = Math.max(deepest, depth);
        bars.push({ ...node, x, width, depth });
        draw(node.children, x, depth + 1);
      }
      x += width;
    }
  };
  draw(tree, 0, 0);
  const colours = coloursOf(tree);
  const colourOf = new Map(colours.map(({ library, colour }) => [library, colour]));
  const named = colours.filter(({ self }) => self / whole >= 0.001);
  const legendRows = Math.ceil(named.length / LEGEND_COLUMNS);
  const height = (deepest + legendRows + 3) * ROW;
  const shapes = bars.map(({ name, file, total, x, width, depth }) => {
    const y = height - (depth + 1) * ROW - 4;
    const share = ((total / whole) * 100).toFixed(1);
    const fits = Math.floor((width - 4) / CHARACTER);
    const shown = name === '(anonymous)' ? file.replace(/^.*\//, '').replace(/\.[a-z]+$/, '') : name;
    const cut = shown.length > fits ? `${shown.slice(0, fits - 1)}…` : shown;
    const label = fits < Math.min(LABEL_LEAST, shown.length) ? '' : escape(cut);
    return (
      `<g><title>${escape(`${name} ${file} – ${share} %`)}</title>` +
      `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(width - 0.4, 0.3).toFixed(1)}" height="${ROW - 1}" fill="${colourOf.get(libraryOf(file))}"/>` +
      (label === '' ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${label}</text>`) +
      '</g>'
    );
  });
  const legend = named.map(({ library, self, colour }, place) => {
    const x = 4 + (place % LEGEND_COLUMNS) * LEGEND_COLUMN;
    const y = (1 + Math.floor(place / LEGEND_COLUMNS)) * ROW + 4;
    const share = ((self / whole) * 100).toFixed(1);
    return (
      `<rect x="${x}" y="${y}" width="10" height="10" fill="${colour}"/>` +
      `<text x="${x + 14}" y="${y + 9}">${escape(`${library} ${share} %`)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="10.5">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="4" y="13" font-size="12">${escape(title)}</text>`,
    ...legend,
    ...shapes,
    '</svg>',
    '',
  ].join('\n');
}
