import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInstructions } from './instructions';

describe('execution instructions', () => {
  it.each([
    [{}, 'algorithm'],
    [{ algorithm: 'fast' }, 'algorithm'],
    [{ algorithm: 'twap', colour: 'red' }, 'colour'],
    [{ algorithm: 'twap', horizon: '0s' }, 'horizon'],
    [{ algorithm: 'twap', slices: 1.5 }, 'slices'],
    [{ algorithm: 'twap', slices: 0 }, 'slices'],
    [{ algorithm: 'twap', style: 'loud' }, 'style'],
    [{ algorithm: 'twap', minNotionalUsd: '-1' }, 'minNotionalUsd'],
    [{ algorithm: 'twap', immediateAbove: 1.1 }, 'immediateAbove'],
    [{ algorithm: 'vwap' }, 'profile'],
    [{ algorithm: 'vwap', profile: [1, 2] }, 'profile'],
    [{ algorithm: 'vwap', profile: Array.from({ length: 24 }, () => 0) }, 'profile'],
    [{ algorithm: 'iceberg' }, 'display'],
    [{ algorithm: 'iceberg', display: '0' }, 'display'],
    [{ algorithm: 'pov', participation: 0.5 }, 'participationMax'],
    [{ algorithm: 'peg', repriceInterval: 'soon' }, 'repriceInterval'],
  ])('refuse %j and name the field', (written, path) => {
    expect(parseInstructions(written)).toMatchObject({
      ok: false,
      failure: { code: 'EXECUTION.INSTRUCTIONS_INVALID', path },
    });
  });

  it.each(['[]', 'nothing', '7'])('refuse %s', (text) => {
    expect(parseInstructions(text).ok).toBe(false);
  });

  it('are read as docs/execution.md writes them', () => {
    const text = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'execution.md'), 'utf8');
    const [, written = ''] = /"execution": (\{[^}]*\})/.exec(text) ?? [];
    expect(parseInstructions(written)).toMatchObject({ ok: true, value: { algorithm: 'auto', slices: 6 } });
  });
});
