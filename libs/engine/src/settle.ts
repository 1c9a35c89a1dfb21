import { assert } from '@evenkeel/kernel';

/** What can be driven until it has nothing more to say: a reactor, or a core that is run again beside its record. */
export interface Deciding<Cause, Made, Effect, Recorded = Made> {
  observe(cause: Cause): void;
  /** What follows now; no commits when there is nothing more. */
  decide(cause: Cause): { readonly commits: readonly Made[]; readonly effects: readonly Effect[] };
  /** Folds what is on record now, at `seq`. */
  fold(recorded: Recorded, seq: number): void;
}

/** Something the host has to do before the core goes on. */
export type Task<Made, Effect> =
  /** Put it on record; answered with what is on record and where. */
  | { readonly kind: 'append'; readonly made: Made; readonly position: number }
  /** Carry it out: everything that was decided before is durable. */
  | { readonly kind: 'perform'; readonly effect: Effect };

/** What stands on record for a commit, and where: in a replay the recorded one, whatever was made this time. */
export interface OnRecord<Recorded> {
  readonly recorded: Recorded;
  readonly seq: number;
}

export type Settling<Made, Effect, Recorded = Made> = Generator<
  Task<Made, Effect>,
  number,
  OnRecord<Recorded> | undefined
>;

const STEPS_MAX = 10_000;

/** Takes an input in at once; what is given back settles it, and returns how many commits it brought about. */
export function take<Cause, Made, Effect, Recorded>(
  core: Deciding<Cause, Made, Effect, Recorded>,
  cause: Cause,
): Settling<Made, Effect, Recorded> {
  core.observe(cause);
  return settle(core, cause);
}

/**
 * Settles an input that was observed already: decides, has the commits put on record, folds them, has the effects
 * carried out, and decides again until nothing more follows. The one loop of services, lab, recovery and replays; they
 * differ only in how they do its tasks.
 */
export function* settle<Cause, Made, Effect, Recorded>(
  core: Deciding<Cause, Made, Effect, Recorded>,
  cause: Cause,
): Settling<Made, Effect, Recorded> {
  let position = 0;
  for (let steps = 1; ; steps += 1) {
    assert(steps <= STEPS_MAX, 'a core settles within so many steps');
    const { commits, effects } = core.decide(cause);
    for (const made of commits) {
      const answer = yield { kind: 'append', made, position };
      assert(answer !== undefined, 'an append is answered with what is on record');
      core.fold(answer.recorded, answer.seq);
      position += 1;
    }
    for (const effect of effects) yield { kind: 'perform', effect };
    if (commits.length === 0) return position;
  }
}

/** Runs a settling to its end in a host that does everything at once. */
export function drive<Made, Effect, Recorded>(
  settling: Settling<Made, Effect, Recorded>,
  perform: (task: Task<Made, Effect>) => OnRecord<Recorded> | undefined,
): number {
  let turn = settling.next();
  while (turn.done !== true) turn = settling.next(perform(turn.value));
  return turn.value;
}

/** Runs a settling to its end in a host that waits for what it does. */
export async function driveAsync<Made, Effect, Recorded>(
  settling: Settling<Made, Effect, Recorded>,
  perform: (task: Task<Made, Effect>) => Promise<OnRecord<Recorded> | undefined>,
): Promise<number> {
  let turn = settling.next();
  while (turn.done !== true) turn = settling.next(await perform(turn.value));
  return turn.value;
}
