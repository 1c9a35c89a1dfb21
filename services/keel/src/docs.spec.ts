import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { REPOSITORY } from './stack/home';

const SKIPPED = new Set(['node_modules', 'dist', '.git', '.evenkeel', 'generated']);

function files(dir: string, out: string[] = []): string[] {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) files(path, out);
    else out.push(relative(REPOSITORY, path));
  }
  return out;
}

const all = files(REPOSITORY);
const names = new Set(all.map((path) => basename(path)));
const pages = all.filter((path) => path.endsWith('.md'));
const textOf = (page: string): string => readFileSync(join(REPOSITORY, page), 'utf8');

/** `#add-an-event` for a heading as web pages of the repository anchor it. */
const anchorsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(
    ([, heading = '']) =>
      `#${heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-')}`,
  );

/** Links from a page to files of the repository that are not there, or to headings that they do not have. */
function deadLinks(page: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : relative(REPOSITORY, resolve(REPOSITORY, dirname(page), path));
    if (!existsSync(join(REPOSITORY, target))) return [link];
    return anchor === undefined || anchorsOf(target).includes(`#${anchor}`) ? [] : [link];
  });
}

/** Files and folders between backticks that do not exist. `<name>` and `*` stand for anything. */
function deadPaths(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) =>
    code.split(/\s+/).filter((word) => {
      const isPath = /^(libs|services|docs|proto|infra|tools)\//.test(word);
      const isFile = /^[\w./<>*-]+\.(ts|mjs|md|json|prisma)$/.test(word);
      if (!isPath && !isFile) return false;
      if (/[<*]/.test(word))
        return isPath && !existsSync(join(REPOSITORY, dirname(word.replace(/[<*].*$/, 'x'))));
      if (isPath) return !existsSync(join(REPOSITORY, word));
      return word.includes('/') ? !all.some((path) => path.endsWith(`/${word}`)) : !names.has(word);
    }),
  );
}

describe('the pages', () => {
  it('link to what is there', () => {
    const dead = pages.flatMap((page) => deadLinks(page, textOf(page)).map((link) => `${page}: ${link}`));
    expect(dead).toEqual([]);
  });

  it.each(['CONTRIBUTING.md', 'docs/architecture.md', 'docs/determinism.md'])(
    'name files that are there: %s',
    (page) => {
      expect(deadPaths(textOf(page))).toEqual([]);
    },
  );

  it('are found when they do not', () => {
    expect(
      deadLinks('docs/architecture.md', '[a](nowhere.md) [b](../README.md#no-such-heading)'),
    ).toHaveLength(2);
    expect(deadPaths('`libs/nowhere/src/x.ts` `nowhere.spec.ts` `libs/<name>/src` `src/nowhere.ts`')).toEqual(
      ['libs/nowhere/src/x.ts', 'nowhere.spec.ts', 'src/nowhere.ts'],
    );
  });

  it('list every library and service in the layout', () => {
    const [, layout = ''] = /## Layout\n([^#]*)/.exec(textOf('docs/architecture.md')) ?? [];
    const words = new Set(layout.match(/[a-z][a-z-]+/g));
    const rooms = ['libs', 'services'].flatMap((kind) => readdirSync(join(REPOSITORY, kind)));
    expect(rooms.filter((room) => !words.has(room))).toEqual([]);
  });

  it('document each error code once', () => {
    const codes = [...textOf('docs/errors.md').matchAll(/^## (\S+)$/gm)].map(([, code]) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  it('keep lines that can be read', () => {
    const long = ['CONTRIBUTING.md', 'README.md', 'docs/architecture.md', 'docs/determinism.md'].flatMap(
      (page) =>
        textOf(page)
          .split('\n')
          .flatMap((line, index) =>
            line.length > 120 && !line.startsWith('|') ? [`${page}:${index + 1}`] : [],
          ),
    );
    expect(long).toEqual([]);
  });
});
