import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Core } from '@evenkeel/facts';
import { watched } from '@evenkeel/testkit';
import { BTC_PERP, createProgram, only } from '../test/scenario';
import { parsePolicy } from './policies/registry';
import type { Policy } from './policy/policy';
import { createProgramCore } from './program-core';
import type { ProgramState } from './state';

type ProgramCore = Core<ProgramState, never>;

const BAND = { kind: 'delta-band', band: '0.05' };

/** Runs a quiet and a loud snapshot through a core, and tells which of its parts asked the policy. */
function run(
  change: (core: ProgramCore, policyOf: (text: string) => Policy) => ProgramCore = (core) => core,
) {
  const asked = new Set<string | undefined>();
  let phaseNow: () => string | undefined = () => undefined;
  const policyOf = (text: string): Policy => {
    const parsed = parsePolicy(text);
    if (!parsed.ok) throw new Error(parsed.failure.message);
    const { kind, evaluate } = parsed.value;
    return {
      kind,
      evaluate: (input) => {
        asked.add(phaseNow());
        return evaluate(input);
      },
    };
  };
  const watching = watched(change(createProgramCore(policyOf), policyOf));
  phaseNow = watching.phase;
  const program = createProgram(BAND, [BTC_PERP], '0', watching);
  const quiet = program.snapshot('2026-01-01T00:00:00Z', [{ delta: 0.01 }]);
  const loud = program.snapshot('2026-01-01T00:01:00Z', [{ delta: 0.5 }]);
  return { asked: [...asked], quiet, loud };
}

describe('the parts of the program core', () => {
  it('ask the policy in judge and nowhere else, and count what is quiet', () => {
    const { asked, quiet, loud } = run();
    expect([asked, quiet]).toEqual([['judge'], []]);
    expect(only(loud, 'HedgeDecided').quietBefore.evaluations).toBe(1);
  });

  it('would be caught asking it while they fold', () => {
    const { asked } = run((core, policyOf) => ({
      ...core,
      observe: (state, input) => {
        const event = input.kind === 'commit' ? input.commit.events[0] : undefined;
        if (event?.type === 'RiskSnapshotTaken')
          policyOf(JSON.stringify(BAND)).evaluate({
            snapshot: event.payload,
            now: 0n,
            numeraireUsd: 1,
            underlyings: [],
            remembered: {},
          });
        return core.observe(state, input);
      },
    }));
    expect(asked).toEqual(['observe', 'judge']);
  });

  it('would be caught changing the state while they judge or decide', () => {
    const meddle = ({ programs }: ProgramState): void => {
      for (const program of Object.values(programs)) program.liftedBy = 'nobody';
    };
    const inJudge = (core: ProgramCore): ProgramCore => ({
      ...core,
      judging: {
        judge: (state) => meddle(state),
        remember: (state) => state,
      },
    });
    const inDecide = (core: ProgramCore): ProgramCore => ({
      ...core,
      decide: (state, input) => {
        meddle(state);
        return core.decide(state, input);
      },
    });
    expect(() => run(inJudge)).toThrow('judge changed the state of strategy');
    expect(() => run(inDecide)).toThrow('decide changed the state of strategy');
  });

  /** Every file that a file reaches by its imports, itself included. */
  function reach(file: string, found = new Set<string>()): Set<string> {
    if (found.has(file)) return found;
    found.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g))
      reach(`${resolve(dirname(file), path)}.ts`, found);
    return found;
  }

  it.each(['observe', 'evolve'])('%s reaches no policy and no judgement by its imports', (part) => {
    const names = [...reach(join(__dirname, 'program', `${part}.ts`))].map((file) =>
      file.slice(__dirname.length + 1),
    );
    const judging = /^(policies|policy)\/|^evaluation|^governed-policy|^gate|^program\/(judge|decide)/;
    expect(names).toContain('state.ts');
    expect(names.filter((name) => judging.test(name))).toEqual([]);
    expect([...reach(join(__dirname, 'program', 'judge.ts'))].length).toBeGreaterThan(names.length);
  });
});
