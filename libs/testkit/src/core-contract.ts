import { isDeepStrictEqual } from 'node:util';
import type { Core } from '@evenkeel/facts';

type Phase = 'observe' | 'judge' | 'remember' | 'decide' | 'evolve';

/** A value as text, maps and sets included; equal for states that nobody can tell apart. */
export function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (part instanceof Map) return { map: [...(part as Map<unknown, unknown>)] }; // entries of whatever it holds
    if (part instanceof Set) return { set: [...(part as Set<unknown>)] }; // the same
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
    return part;
  });
}

/**
 * A core that is watched while it runs: `judge` and `decide` may change nothing and must answer the same twice. `phase` says
 * which part of the core is at work, so that a spy can tell who called it.
 */
export function watched<State, Effect>(
  core: Core<State, Effect>,
): { readonly core: Core<State, Effect>; readonly phase: () => Phase | undefined } {
  let phase: Phase | undefined;
  const within = <T>(name: Phase, work: () => T): T => {
    phase = name;
    try {
      return work();
    } finally {
      phase = undefined;
    }
  };
  const pure = <T>(name: Phase, state: State, work: () => T): T => {
    const before = fingerprint(state);
    const first = within(name, work);
    if (fingerprint(state) !== before) throw new Error(`${name} changed the state of ${core.context}`);
    if (!isDeepStrictEqual(within(name, work), first))
      throw new Error(`${name} of ${core.context} answered otherwise when asked again`);
    return first;
  };
  const { judging } = core;
  return {
    phase: () => phase,
    core: {
      ...core,
      observe: (state, input) => within('observe', () => core.observe(state, input)),
      ...(judging === undefined
        ? {}
        : {
            judging: {
              judge: (state: State, input) => pure('judge', state, () => judging.judge(state, input)),
              remember: (state: State, judgement: unknown) =>
                within('remember', () => judging.remember(state, judgement)),
            },
          }),
      decide: (state, input) => pure('decide', state, () => core.decide(state, input)),
      evolve: (state, commit) => within('evolve', () => core.evolve(state, commit)),
    },
  };
}
