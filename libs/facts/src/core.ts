import type { Instant } from '@evenkeel/kernel';
import type { DomainEvent } from './events';
import type { Kept } from './kept';
import type { MarketInstant } from './market';
import type { VenueReport } from './venue-report';

export type Context = 'price' | 'risk' | 'strategy' | 'execution' | 'governance';

export interface AggregateRef {
  readonly context: Context;
  /** `book`, `hedge-program`, `hedge-order`, `venue-account`, `chain-account`, `instrument`, `source`. */
  readonly type: string;
  readonly id: string;
}

export type ActorKind = 'algo' | 'human' | 'system';

export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
}

/** A commit as a core sees it: no transport, no host. */
export interface CommitView {
  readonly commitId: string;
  readonly aggregate: AggregateRef;
  /** The book whose partition it lies in. */
  readonly book: string;
  readonly eventTime: string;
  readonly correlationId: string;
  readonly events: readonly DomainEvent[];
  /**
   * What of a commit of people does not count, though it stands on the journal: found by whoever reads the journal for the core,
   * from the facts of governance before it, so that every reader comes by the same. Absent: nothing is held against it.
   */
  readonly refusals?: Refusals;
}

/** Why approvals do not count, by proposal; under the empty name what took effect without one. */
export type Refusals = Readonly<Record<string, string>>;

/** What the record holds against an approval in a commit of people, or against what asks to take effect without one. */
export function refusalIn({ refusals }: CommitView, proposalId = ''): string | undefined {
  return refusals !== undefined && Object.hasOwn(refusals, proposalId) ? refusals[proposalId] : undefined;
}

/** What a core wants remembered: one commit of one aggregate. */
export interface CommitDraft {
  readonly aggregate: AggregateRef;
  readonly book: string;
  /** Event time of the commit, ISO 8601. */
  readonly eventTime: string;
  readonly actor: Actor;
  readonly events: readonly DomainEvent[];
  /** Hash of the policy in force, where one was used. */
  readonly policyHash?: string;
  /** Version of the limits in force, where they were used. */
  readonly limitsVersion?: string;
}

/** Everything that can happen to a core. Every input carries event time. */
export type CoreInput =
  | { readonly kind: 'instant'; readonly instant: MarketInstant }
  /** A commit of another context, or a person's, on this core's partition. */
  | { readonly kind: 'commit'; readonly commit: CommitView }
  /** What a venue said (execution only). `id` names the report once and for ever. */
  | {
      readonly kind: 'venue';
      readonly id: string;
      readonly at: string;
      readonly report: VenueReport;
      /**
       * The account it came from, on which others may trade too. Absent: an exchange inside the process, which can only know
       * orders of ours.
       */
      readonly account?: AccountRef;
    };

/** A book's account at a venue. */
export interface AccountRef {
  readonly venue: string;
  readonly book: string;
}

export interface Step<Effect> {
  /** Empty when there is nothing more to say about this input. */
  readonly commits: readonly CommitDraft[];
  /** Carried out by the host once these commits are durable. */
  readonly effects: readonly Effect[];
}

/** Folds an input and what the core makes of it: the one way in, live, in recovery and in every replay. */
export function takeIn<State>(core: Core<State, unknown>, state: State, input: CoreInput): State {
  const observed = core.observe(state, input);
  const judgement = core.judging?.judge(observed, input);
  return judgement === undefined ? observed : (core.judging?.remember(observed, judgement) ?? observed);
}

/**
 * A deterministic core. For each input the reactor calls `observe` once, has it judged once where the core judges, and then
 * calls `decide` again and again, applying the commits of each answer with `evolve`, until `decide` returns no commits: a core
 * therefore decides on what it has already said, and after a crash simply goes on deciding. No IO, no clock, no randomness.
 *
 * `state` belongs to the reactor; `observe`, `remember` and `evolve` may change it in place and return it; `judge` and
 * `decide` must not.
 */
export interface Core<State, Effect, Judgement = unknown> {
  readonly context: Context;
  initial(): State;
  /** Folds what an input says, without judging it. Inputs already reacted to are never observed twice. */
  observe(state: State, input: CoreInput): State;
  /** For cores whose judgements count although nothing may be said of them. */
  readonly judging?: Judging<State, Judgement>;
  /** What follows from the input in this state. */
  decide(state: State, input: CoreInput): Step<Effect>;
  /** Folds one commit of this core's own (live, in recovery, and in an auditor's replay). */
  evolve(state: State, commit: CommitView): State;
  /** The earliest event time at which this core wants to be woken; undefined when nothing is pending. */
  nextWake(state: State): Instant | undefined;
  /**
   * Aggregates that the newest observed input has ended for good: the core has forgotten them and will never speak for them again.
   * Should it all the same, the journal refuses the commit, which would have to be the first of its aggregate.
   */
  retired?(state: State): readonly AggregateRef[];
  /** How many it remembers of what only its inputs limit. */
  kept?(state: State): Kept;
}

/**
 * What a core makes of an input before it says anything. A judgement is no fact and stands on no journal: it follows from
 * the state and the input, so recovery and replays come by the same one.
 */
export interface Judging<State, Judgement> {
  /** Reads the state and changes nothing; undefined where the input asks for no judgement. */
  judge(state: State, input: CoreInput): Judgement | undefined;
  /** Folds a judgement: a quiet evaluation counts, a policy is given back what it asked to keep. */
  remember(state: State, judgement: Judgement): State;
}

export const NOTHING: Step<never> = { commits: [], effects: [] };
