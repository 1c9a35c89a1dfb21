#!/usr/bin/env node
// Files that import one another in a circle, types included: one circle a line on stdout, exit code 1 when there are any.
// The boundary lint sees libraries, not files: it lets a library's files import one another as they like.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SKIPPED = new Set(['node_modules', 'dist', 'generated', 'assembly']);

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sources(path);
    return /(?<!\.d)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function importsOf(file, known) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  const found = importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => resolve(dirname(file), fileName))
    .flatMap((path) =>
      [`${path}.ts`, `${path}.tsx`, join(path, 'index.ts'), path]
        .filter((candidate) => known.has(candidate))
        .slice(0, 1),
    );
  return [...new Set(found)];
}

/** Groups of files each of which reaches all others (Tarjan), as sorted paths relative to `root`. */
export function importCircles(root) {
  const folders = ['libs', 'services', 'tools']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path));
  const files = folders.flatMap(sources);
  const known = new Set(files);
  const graph = new Map(files.map((file) => [file, importsOf(file, known)]));
  const number = new Map();
  const low = new Map();
  const path = [];
  const onPath = new Set();
  const circles = [];
  const visit = (file) => {
    number.set(file, number.size);
    low.set(file, number.get(file));
    path.push(file);
    onPath.add(file);
    for (const next of graph.get(file)) {
      if (!number.has(next)) visit(next);
      if (onPath.has(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== number.get(file)) return;
    const group = path.splice(path.indexOf(file));
    for (const member of group) onPath.delete(member);
    if (group.length > 1 || graph.get(file).includes(file))
      circles.push(group.map((member) => relative(root, member)).sort());
  };
  for (const file of files) if (!number.has(file)) visit(file);
  return circles.sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const circles = importCircles(resolve(process.argv[2] ?? '.'));
  for (const circle of circles) console.log(circle.join(' '));
  process.exitCode = circles.length === 0 ? 0 : 1;
}
