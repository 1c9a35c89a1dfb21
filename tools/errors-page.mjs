// Writes docs/errors.md from the libraries' own errors.md files. `--check` fails when the page is out of date.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

export function errorsPage() {
  const parts = [
    '# Error codes',
    '',
    'Each code with why it is raised and what to do. Written by `node tools/errors-page.mjs` from `libs/*/errors.md` and `services/*/errors.md`.',
    '',
  ];
  for (const kind of ['libs', 'services']) {
    for (const name of readdirSync(join(root, kind)).sort()) {
      const path = join(root, kind, name, 'errors.md');
      if (!existsSync(path)) continue;
      const body = readFileSync(path, 'utf8')
        .trim()
        .replace(/^# .*\n+/, '');
      parts.push(body, '');
    }
  }
  return `${parts.join('\n').trim()}\n`;
}

if (process.argv[1]?.endsWith('errors-page.mjs')) {
  const page = join(root, 'docs', 'errors.md');
  if (process.argv.includes('--check'))
    process.exit(existsSync(page) && readFileSync(page, 'utf8') === errorsPage() ? 0 : 1);
  writeFileSync(page, errorsPage());
}
