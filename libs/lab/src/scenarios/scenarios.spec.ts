import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseInstant } from '@evenkeel/kernel';
import { busyDemonstration } from '@evenkeel/testkit';
import { runScenario } from './run-scenario';
import type { ScenarioResult } from './run-scenario';
import { parseScenarioFile } from './scenario-file';
import { shockedTape } from './shocked-tape';

const folder = join(__dirname, '../../scenarios');
const read = (file: string) => parseScenarioFile(readFileSync(join(folder, file), 'utf8'), file);

const files = readdirSync(folder);
const results = new Map<string, ScenarioResult>();

function resultOf(file: string): ScenarioResult {
  const result = results.get(file) ?? runScenario(read(file));
  results.set(file, result);
  return result;
}

/** How much of the P&L may stay unexplained, per cent of gross: 2, and 5 where the market crashes. */
const AIM: Readonly<Record<string, number>> = { 'flash-crash.json': 5 };

describe('stress scenarios', () => {
  it.each(files)('%s holds for the production cores', (file) => {
    const result = resultOf(file);
    expect(`${result.scenario}.json`).toBe(file);
    expect(result.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(result.explained.total).toBe(result.statistics.pnl.hedged);
  });

  it.each(files)('%s has its P&L explained', (file) => {
    expect(resultOf(file).explained.residualPercentOfGross).toBeLessThanOrEqual(AIM[file] ?? 2);
  });

  it('says so when an expectation does not hold', () => {
    const scenario = read('weekend-gap.json');
    const result = runScenario({
      ...scenario,
      expect: [{ kind: 'no-orders', from: 'PT45H', to: 'PT47H' }],
    });
    expect(result.held).toBe(false);
    expect(result.expectations[0]).toMatchObject({
      held: false,
      expectation: 'no orders from PT45H to PT47H',
    });
  });

  it('names what is wrong with a scenario', () => {
    expect(() =>
      parseScenarioFile(
        { ...read('weekend-gap.json'), shocks: [{ kind: 'lie', from: '9', to: 'PT1H' }] },
        'bad',
      ),
    ).toThrow(/shocks\[0\]/);
  });
});

describe('a shocked tape', () => {
  const { tape } = busyDemonstration('shocks', 2);

  it('moves prices, forwards and option marks together, so that volatilities stay what they were', () => {
    const moved = shockedTape(tape, [{ kind: 'price-path', points: [{ at: 'PT0S', factor: 0.9 }] }], 'moved');
    const [before, after] = [tape, moved].map((of) =>
      [...of.instants()].find(
        ({ at, quotes }) => quotes.length > 0 && at > parseInstant('2026-01-05T06:00:00Z'),
      ),
    );
    const [was, is] = [before?.quotes[0], after?.quotes[0]];
    expect(Number(is?.forward)).toBeCloseTo(Number(was?.forward) * 0.9, 1);
    expect(is?.volatility).toBe(was?.volatility);
    expect(is?.price).not.toBe(was?.price);
  });

  it('is the same tape under no shock', () => {
    const same = shockedTape(tape, [{ kind: 'price-path', points: [{ at: 'PT1H', factor: 1 }] }], 'same');
    expect([...same.instants()]).toEqual([...tape.instants()]);
  });
});
