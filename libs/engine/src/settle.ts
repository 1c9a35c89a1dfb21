import { assert, required } from '@evenkeel/kernel';

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

const STEPS_MAX = 10_000;

/** What was decided, and how much of it was handed to the host. */
interface Step<Made, Effect> {
  readonly commits: readonly Made[];
  readonly effects: readonly Effect[];
}

const UNDECIDED: Step<never, never> = { commits: [], effects: [] };

/**
 * Settles an input that was observed already: decides, has the commits put on record, folds them, has the effects
 * carried out, and decides again until nothing more follows. The one loop of services, lab, recovery and replays; they
 * differ only in how they do its tasks. An object that is asked, not a generator: those were 5 % of what a lab run allocated.
 */
export class Settling<Cause, Made, Effect, Recorded = Made> {
  /** Commits that were put on record. */
  position = 0;
  private step: Step<Made, Effect> = UNDECIDED;
  private steps = 0;
  /** Commits, then effects of the step that were handed out. */
  private handed = 0;
  private awaits = false;

  constructor(
    private readonly core: Deciding<Cause, Made, Effect, Recorded>,
    private readonly cause: Cause,
  ) {}

  /** What the host has to do next; undefined once nothing more follows. `answer`: what is on record for the append before. */
  next(answer?: OnRecord<Recorded>): Task<Made, Effect> | undefined {
    if (this.awaits) {
      assert(answer !== undefined, 'an append is answered with what is on record');
      this.awaits = false;
      this.core.fold(answer.recorded, answer.seq);
      this.position += 1;
    }
    for (;;) {
      const { commits, effects } = this.step;
      const place = this.handed;
      if (place < commits.length + effects.length) {
        this.handed += 1;
        this.awaits = place < commits.length;
        return this.awaits
          ? { kind: 'append', made: required(commits[place], 'a commit'), position: this.position }
          : { kind: 'perform', effect: required(effects[place - commits.length], 'an effect') };
      }
      if (this.steps > 0 && commits.length === 0) return undefined;
      this.steps += 1;
      assert(this.steps <= STEPS_MAX, 'a core settles within so many steps');
      this.step = this.core.decide(this.cause);
      this.handed = 0;
    }
  }
}

/** Takes an input in at once; what is given back settles it. */
export function take<Cause, Made, Effect, Recorded>(
  core: Deciding<Cause, Made, Effect, Recorded>,
  cause: Cause,
): Settling<Cause, Made, Effect, Recorded> {
  core.observe(cause);
  return settle(core, cause);
}

/** Settles an input that was observed already. */
export function settle<Cause, Made, Effect, Recorded>(
  core: Deciding<Cause, Made, Effect, Recorded>,
  cause: Cause,
): Settling<Cause, Made, Effect, Recorded> {
  return new Settling(core, cause);
}

/** Runs a settling to its end in a host that does everything at once; how many commits the input brought about. */
export function drive<Cause, Made, Effect, Recorded>(
  settling: Settling<Cause, Made, Effect, Recorded>,
  perform: (task: Task<Made, Effect>) => OnRecord<Recorded> | undefined,
): number {
  for (let task = settling.next(); task !== undefined;) task = settling.next(perform(task));
  return settling.position;
}

/** The same in a host that waits for what it does. */
export async function driveAsync<Cause, Made, Effect, Recorded>(
  settling: Settling<Cause, Made, Effect, Recorded>,
  perform: (task: Task<Made, Effect>) => Promise<OnRecord<Recorded> | undefined>,
): Promise<number> {
  for (let task = settling.next(); task !== undefined;) task = settling.next(await perform(task));
  return settling.position;
}
