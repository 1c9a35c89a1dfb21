// A flame graph as one SVG picture: width is time, what stands on a bar was called by it. Hover for the function, its file and its share.

const WIDTH = 1200;
const ROW = 17;
const NARROWEST = 0.7;
const CHARACTER = 6.4;

const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** One hue for each library, so that layers can be told apart. */
function colourOf(file) {
  const library = file.split('/')[0] ?? '';
  let hash = 7;
  for (const character of library) hash = (hash * 31 + character.charCodeAt(0)) % 360;
  return library === '' ? '#c9ced6' : `hsl(${hash} 55% 72%)`;
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
  const height = (deepest + 3) * ROW;
  const shapes = bars.map(({ name, file, total, x, width, depth }) => {
    const y = height - (depth + 1) * ROW - 4;
    const share = ((total / whole) * 100).toFixed(1);
    const fits = Math.floor((width - 4) / CHARACTER);
    const label = fits < 3 ? '' : escape(name.length > fits ? `${name.slice(0, fits - 1)}…` : name);
    return (
      `<g><title>${escape(`${name} ${file} – ${share} %`)}</title>` +
      `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(width - 0.4, 0.3).toFixed(1)}" height="${ROW - 1}" fill="${colourOf(file)}"/>` +
      (label === '' ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${label}</text>`) +
      '</g>'
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="10.5">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="4" y="13" font-size="12">${escape(title)}</text>`,
    ...shapes,
    '</svg>',
    '',
  ].join('\n');
}
