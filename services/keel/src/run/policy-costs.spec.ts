import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@evenkeel/kernel';
import { loadRunInputs } from './inputs';
import { withCostModel } from './policy-costs';

describe('a policy that names a cost-model file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-costs-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const model = { version: 'january', instruments: { '*': { halfSpread: '0.0001' } } };
  writeFileSync(join(dir, 'model.json'), JSON.stringify(model));
  writeFileSync(join(dir, 'broken.json'), '{');
  const policy = { kind: 'whalley-wilmott', riskAversion: '0.00002', costs: 'model.json' };
  writeFileSync(join(dir, 'policy.json'), JSON.stringify(policy));

  it('is run with what the file says, wherever the command was given', () => {
    const inputs = loadRunInputs({ books: [], seed: 's', days: 1, policy: join(dir, 'policy.json') });
    expect(inputs.books[0]?.policy).toEqual({ ...policy, costs: model });
  });

  it('is refused when the file is no JSON or no cost model, and untouched when it names none', () => {
    const at = join(dir, 'policy.json');
    expect(() => withCostModel({ kind: 'time', costs: 'broken.json' }, at)).toThrow(InvalidInputError);
    writeFileSync(join(dir, 'tax.json'), JSON.stringify({ instruments: { '*': { tax: 1 } } }));
    writeFileSync(join(dir, 'taxed.json'), JSON.stringify({ ...policy, costs: 'tax.json' }));
    expect(() => loadRunInputs({ books: [], seed: 's', days: 1, policy: join(dir, 'taxed.json') })).toThrow(
      'costs.instruments.*.tax',
    );
    const plain = { kind: 'time', interval: 'PT1H' };
    expect(withCostModel(plain, at)).toBe(plain);
    const vault = { kind: 'vault', policy };
    expect(withCostModel(vault, at)).toEqual({ kind: 'vault', policy: { ...policy, costs: model } });
  });
});
