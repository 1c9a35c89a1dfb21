import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMATS } from '@evenkeel/market';
import { REPOSITORY } from '../stack/home';

const PAGE = join(REPOSITORY, 'docs', 'import.md');
const BEGIN =
  '<!-- formats: written by EK_UPDATE_PAGES=1 npx jest services/keel/src/docs/import-page.spec.ts -->\n';
const END = '<!-- end of formats -->';

const formats = FORMATS.map(({ name, title, columns, source }) =>
  [
    `### ${name}`,
    '',
    `${title}; published at <${source}>.`,
    '',
    '| column | is |',
    '| --- | --- |',
    ...columns.map((column) => `| \`${column.name}\` | ${column.is.replaceAll('|', '\\|')} |`),
    '',
  ].join('\n'),
).join('\n');

describe('the page of imports', () => {
  it('lists each format with the columns that are read, their units and where they are published', () => {
    const page = readFileSync(PAGE, 'utf8');
    const [before = '', rest = ''] = page.split(BEGIN);
    const [, after = ''] = rest.split(END);
    const wanted = `${before}${BEGIN}\n${formats}\n${END}${after}`;
    if (process.env['EK_UPDATE_PAGES'] === '1') writeFileSync(PAGE, wanted);
    else expect(page).toBe(wanted);
  });

  it.each(FORMATS)(
    'has each column that $name reads in its published header',
    ({ columns, header, optional = [] }) => {
      for (const { name } of columns) expect([...header, ...optional]).toContain(name);
    },
  );
});
