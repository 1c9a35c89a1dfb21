import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy, policyKinds } from '../src/policies/registry';

const page = readFileSync(join(__dirname, '../../../docs/policies.md'), 'utf8');

/** Every JSON object on the page that starts with a kind, in line or in a block. */
function examples(): string[] {
  const found: string[] = [];
  for (let start = page.indexOf('{ "kind"'); start >= 0; start = page.indexOf('{ "kind"', start + 1)) {
    let depth = 0;
    let end = start;
    do {
      const letter = page[end];
      if (letter === '{') depth += 1;
      if (letter === '}') depth -= 1;
      end += 1;
    } while (depth > 0 && end < page.length);
    found.push(page.slice(start, end));
  }
  return found;
}

/** Policies over several Greeks or kinds of position are described with their own libraries' parts. */
const ONE_UNDERLYING = [
  'delta-band',
  'gamma-scalping',
  'hodges-neuberger',
  'leland',
  'minimum-variance',
  'spot-move',
  'time',
  'whalley-wilmott',
  'zakamouline',
];

describe('docs/policies.md', () => {
  it('has a section and a working example for every policy of one underlying, and no example that does not work', () => {
    const parsed = examples().map((text) => ({ text, policy: parsePolicy(text) }));
    for (const { text, policy } of parsed) expect([text, policy.ok]).toEqual([text, true]);
    const shown = new Set(parsed.flatMap(({ policy }) => (policy.ok ? [policy.value.kind] : [])));
    for (const kind of ONE_UNDERLYING) {
      expect(page).toContain(`## \`${kind}\``);
      expect(shown).toContain(kind);
      expect(policyKinds).toContain(kind);
    }
  });
});
