// Writes the table of docs/security.md from infra/nats/permissions.json. `--check` fails when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const BEGIN = '<!-- rights: written by `node tools/rights-table.mjs` -->';
const END = '<!-- end of rights -->';

function rightsTable() {
  const rights = JSON.parse(readFileSync(join(root, 'infra', 'nats', 'permissions.json'), 'utf8'));
  const list = (subjects) => subjects.map((one) => `\`${one}\``).join(' ');
  const rows = Object.entries(rights).map(([identity, one]) => {
    const more = [
      ...(one.commands ? ['commands, in `EK_COMMANDS`'] : []),
      ...(one.snapshots ? ['its snapshots'] : []),
      ...(one.streams ? ['streams: make, change, empty, remove'] : []),
      ...(one.answers ? [`answers ${list(one.answers)}`] : []),
    ];
    return `| ${[
      `**${identity}**: ${one.does}`,
      list(one.publishes),
      list(one.keys ?? []),
      more.join('; '),
      list(one.hears ?? []),
    ].join(' | ')} |`;
  });
  return [
    '| identity | publishes | writes keys of `EK_CONTROL` | besides | hears |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const page = join(root, 'docs', 'security.md');
const text = readFileSync(page, 'utf8');
const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length);
const after = text.slice(text.indexOf(END));
const wanted = `${before}\n\n${rightsTable()}\n\n${after}`;
if (process.argv.includes('--check')) process.exit(text === wanted ? 0 : 1);
writeFileSync(page, wanted);
