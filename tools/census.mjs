// npm run census: counts what the structure of the code is judged by. `-- --against 2dd81a0` sets another commit beside it, `-- --list NAME` names
// the places behind a figure, `-- --json` is for scripts. Reads text and syntax only; nothing of the project is run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from './root.mjs';

const ts = createRequire(import.meta.url)('typescript');

const TEST = /(\.spec|\.test-support)\.ts$|\/test\/|\/bench\/|\/golden\/|^tools\/|^libs\/testkit\//;
const SKIPPED = new Set(['node_modules', 'dist', 'generated', 'assembly']);
const VENUES = /deribit|binance|bybit|okx|hyperliquid/i;
const VENUE_ADAPTER = /^libs\/(adapter-venue|venue-wire|exchange)/;

const FIGURES = [
  ['lines', 'production lines of TypeScript'],
  ['testLines', 'lines of tests'],
  ['onlyTests', 'exported values that only tests reach'],
  ['nobody', 'exported values that nobody imports'],
  ['circles', 'import circles between files'],
  ['circleFiles', 'files in import circles'],
  ['casts', '`as unknown as` and `as never`'],
  ['specParsers', 'places that parse a contract specification'],
  ['runLoops', 'run loops (a loop that asks a core to decide)'],
  ['venueFiles', 'files that name a venue outside its adapter'],
];

/** Executables are plain JavaScript; they reach what they start. */
const inBin = (dir, name) => (dir.endsWith('/bin') ? `bin/${name}` : name);

function walk(dir, out = []) {
  if (!existsSync(dir)) return out;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) walk(path, out);
    else if (/\.(ts|mjs)$|^bin\/.*\.js$/.test(inBin(dir, entry.name)) && !entry.name.endsWith('.d.ts'))
      out.push(path);
  }
  return out;
}

/** Every source file of a checkout: its syntax, what it imports and what it exports. */
function read(checkout) {
  const files = new Map();
  for (const path of ['libs', 'services', 'tools'].flatMap((kind) => walk(join(checkout, kind)))) {
    const name = relative(checkout, path);
    const text = readFileSync(path, 'utf8');
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
    files.set(name, {
      name,
      text,
      source,
      test: TEST.test(name),
      imports: [],
      exports: new Set(),
      types: new Set(),
      passedOn: [],
    });
  }
  for (const file of files.values()) connect(file, files);
  return files;
}

function resolveModule(from, specifier, files) {
  const workspace = /^@evenkeel\/([^/]+)$/.exec(specifier);
  if (workspace !== null) return `libs/${workspace[1]}/src/index.ts`;
  if (!specifier.startsWith('.')) return undefined;
  const path = relative('/', resolve('/', dirname(from), specifier)).replace(/\/dist\//, '/src/');
  return [`${path}.ts`, path.replace(/\.js$/, '.ts'), `${path}/index.ts`, path].find((name) =>
    files.has(name),
  );
}

function connect(file, files) {
  const imported = (specifier, names) => {
    const target = resolveModule(file.name, specifier, files);
    if (target !== undefined) file.imports.push({ target, names });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      const bindings = node.importClause?.namedBindings;
      const names =
        bindings === undefined
          ? []
          : ts.isNamedImports(bindings)
            ? bindings.elements.map((element) => (element.propertyName ?? element.name).text)
            : ['*'];
      imported(node.moduleSpecifier.text, names);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      const target = resolveModule(file.name, node.moduleSpecifier.text, files);
      if (target !== undefined && node.exportClause !== undefined && ts.isNamedExports(node.exportClause))
        for (const element of node.exportClause.elements)
          file.passedOn.push({
            as: element.name.text,
            name: (element.propertyName ?? element.name).text,
            target,
          });
    } else if (
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require') &&
      node.arguments[0] !== undefined &&
      ts.isStringLiteralLike(node.arguments[0])
    ) {
      imported(node.arguments[0].text, ['*']);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      imported(node.argument.literal.text, node.qualifier === undefined ? ['*'] : [node.qualifier.getText()]);
    }
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) {
      if (ts.isVariableStatement(node))
        for (const { name } of node.declarationList.declarations) {
          if (ts.isIdentifier(name)) file.exports.add(name.text);
        }
      else if (node.name !== undefined) {
        file.exports.add(node.name.text);
        if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
          file.types.add(node.name.text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file.source);
}

/** Follows re-exports to the file that declares the name. */
function declaredIn(files, target, name) {
  for (let file = files.get(target), wanted = name; file !== undefined;) {
    if (file.exports.has(wanted)) return `${file.name}#${wanted}`;
    const next = file.passedOn.find(({ as }) => as === wanted);
    if (next === undefined) return undefined;
    file = files.get(next.target);
    wanted = next.name;
  }
  return undefined;
}

function reach(files) {
  const byProduction = new Set();
  const byTests = new Set();
  for (const file of files.values()) {
    const reached = file.test ? byTests : byProduction;
    for (const { target, names } of file.imports) {
      const wanted = names.includes('*')
        ? [...(files.get(target)?.exports ?? []), ...(files.get(target)?.passedOn ?? []).map(({ as }) => as)]
        : names;
      for (const name of wanted) {
        const place = declaredIn(files, target, name);
        if (place !== undefined) reached.add(place);
      }
    }
    // Benches and scripts load the compiled index by path and take names from it.
    if (file.test && file.name.endsWith('.mjs'))
      for (const word of new Set(file.text.match(/[A-Za-z_$][\w$]*/g))) byTests.add(word);
  }
  return { byProduction, byTests };
}

/** Whether the file that declares a value uses it itself: then it lives, whoever else asks for it. */
function usedAtHome(files, place) {
  const [name, value] = place.split('#');
  let uses = 0;
  const visit = (node) => {
    if (ts.isIdentifier(node) && node.text === value) uses += 1;
    ts.forEachChild(node, visit);
  };
  visit(files.get(name).source);
  return uses > 1;
}

function circlesOf(production) {
  const names = new Map(production.map((file) => [file.name, file]));
  const edges = (file) => [
    ...file.imports.map(({ target }) => target),
    ...file.passedOn.map(({ target }) => target),
  ];
  const index = new Map();
  const low = new Map();
  const stack = [];
  const circles = [];
  const visit = (name) => {
    index.set(name, index.size);
    low.set(name, index.get(name));
    stack.push(name);
    for (const next of edges(names.get(name))) {
      if (!names.has(next)) continue;
      if (!index.has(next)) {
        visit(next);
        low.set(name, Math.min(low.get(name), low.get(next)));
      } else if (stack.includes(next)) low.set(name, Math.min(low.get(name), index.get(next)));
    }
    if (low.get(name) !== index.get(name)) return;
    const members = stack.splice(stack.indexOf(name));
    if (members.length > 1) circles.push(members.sort());
  };
  for (const name of names.keys()) if (!index.has(name)) visit(name);
  return circles;
}

function places(production, test) {
  const found = [];
  for (const file of production) {
    const visit = (node) => {
      if (test(node, file)) {
        const { line } = file.source.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${file.name}:${line + 1}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file.source);
  }
  return found;
}

const isLoop = (node) =>
  ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node) || ts.isForOfStatement(node);

function asksToDecide(node) {
  let found = false;
  const visit = (child) => {
    if (found || (child !== node && isLoop(child))) return;
    if (
      ts.isCallExpression(child) &&
      ts.isPropertyAccessExpression(child.expression) &&
      child.expression.name.text === 'decide' &&
      /reactor|core/i.test(child.expression.expression.getText())
    )
      found = true;
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

const isCast = (node) =>
  ts.isAsExpression(node) &&
  (node.type.kind === ts.SyntaxKind.NeverKeyword ||
    (ts.isAsExpression(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword));

/** `JSON.parse(…) as InstrumentSpec` and its like, and schemas of specifications being applied. */
const parsesSpecification = (node) =>
  ts.isAsExpression(node) &&
  ts.isCallExpression(node.expression) &&
  node.expression.expression.getText() === 'JSON.parse' &&
  /Spec|Terms|Contract/.test(node.type.getText());

const namesVenue = (node) =>
  (ts.isIdentifier(node) || ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) &&
  VENUES.test(node.text);

function census(checkout) {
  const files = read(checkout);
  const production = [...files.values()].filter(({ name, test }) => !test && /^(libs|services)\//.test(name));
  const typescript = production.filter(({ name }) => name.endsWith('.ts'));
  const lines = (list) => list.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  const { byProduction, byTests } = reach(files);
  // A type may be exported to give a signature its name; a value that nobody asks for is dead.
  const exported = typescript.flatMap((file) =>
    [...file.exports].filter((name) => !file.types.has(name)).map((name) => `${file.name}#${name}`),
  );
  const unreached = exported.filter((place) => !byProduction.has(place) && !usedAtHome(files, place));
  const tested = (place) => byTests.has(place) || byTests.has(place.slice(place.indexOf('#') + 1));
  const circles = circlesOf(typescript);
  const outside = typescript.filter(({ name }) => !VENUE_ADAPTER.test(name));
  const venuePlaces = places(outside, namesVenue);
  return {
    lines: lines(typescript),
    testLines: lines([...files.values()].filter(({ name, test }) => test && name.endsWith('.ts'))),
    onlyTests: unreached.filter(tested),
    nobody: unreached.filter((place) => !tested(place)),
    circles: circles.map((members) => members.join(' ↔ ')),
    circleFiles: circles.flat(),
    casts: places(typescript, isCast),
    specParsers: places(typescript, parsesSpecification),
    runLoops: places(typescript, (node) => isLoop(node) && asksToDecide(node)),
    venueFiles: [...new Set(venuePlaces.map((place) => place.replace(/:\d+$/, '')))],
  };
}

const sizeOf = (figure) => (Array.isArray(figure) ? figure.length : figure);

/** The tree of another commit, in a temporary folder. */
function atCommit(commit, use) {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-census-'));
  try {
    const archive = execFileSync('git', ['archive', '--format=tar', commit, 'libs', 'services', 'tools'], {
      cwd: root,
      maxBuffer: 1 << 29,
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(args) {
  const option = (name) => {
    const at = args.indexOf(name);
    if (at === -1) return undefined;
    const value = args[at + 1];
    if (value !== undefined && !value.startsWith('--')) return value;
    process.stderr.write(`census: ${name} wants a value; see npm run census -- --help\n`);
    process.exit(2);
  };
  if (args.includes('--help')) {
    process.stdout.write(
      `npm run census -- [--against COMMIT] [--list FIGURE] [--json]\n\n  for example: npm run census -- --against 2dd81a0\n\n${FIGURES.map(([name, words]) => `  ${name.padEnd(12)} ${words}`).join('\n')}\n`,
    );
    return;
  }
  const list = option('--list');
  const against = option('--against');
  if (list !== undefined && !FIGURES.some(([name]) => name === list)) {
    process.stderr.write(
      `census: there is no figure ${list}; there are ${FIGURES.map(([name]) => name).join(', ')}\n`,
    );
    process.exit(2);
  }
  const now = census(root);
  if (list !== undefined) {
    const places = now[list];
    process.stdout.write(Array.isArray(places) ? `${places.sort().join('\n')}\n` : `${places}\n`);
    return;
  }
  const before = against === undefined ? undefined : atCommit(against, census);
  const rows = FIGURES.map(([name, words]) => ({
    name,
    words,
    now: sizeOf(now[name]),
    ...(before === undefined ? {} : { before: sizeOf(before[name]) }),
  }));
  if (args.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ against, rows }, null, 2)}\n`);
    return;
  }
  const number = (value) => String(value).padStart(9);
  process.stdout.write(
    `${''.padEnd(52)}${before === undefined ? '' : String(against).padStart(9)}${'now'.padStart(9)}\n`,
  );
  for (const row of rows)
    process.stdout.write(
      `${row.words.padEnd(52)}${row.before === undefined ? '' : number(row.before)}${number(row.now)}\n`,
    );
}

main(process.argv.slice(2));
