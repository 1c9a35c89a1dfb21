import type { Approval, HedgeDecision, Kept, PolicySet, QuietStretch } from '@evenkeel/facts';

/**
 * Everything the program core remembers of one partition. Plain data that survives a JSON round trip; records are keyed
 * by ids that are never integers.
 */
export interface ProgramState {
  programs: Record<string, ProgramBook>;
}

/** A policy that one person asked for and nobody has judged yet. */
export interface PolicyProposal {
  readonly content: string;
  readonly contentHash: string;
  readonly proposedBy: string;
  readonly expiresAt: string;
}

/** A policy that two people agreed on and that is not yet in force. */
export interface ApprovedPolicy extends Approval {
  readonly content: string;
}

/** The policy of a book that a person opens while services run. */
export interface RequestedPolicy {
  readonly policy: PolicySet;
  readonly requestedBy: string;
  readonly approval?: Approval;
}

export interface PolicyInForce {
  /** Canonical JSON of the policy. */
  readonly policy: string;
  readonly policyHash: string;
  readonly targetDelta: number;
  readonly hedgeInstruments: readonly string[];
  /** Canonical JSON of each hedge instrument's InstrumentSpec, by id. */
  readonly specifications: Record<string, string>;
}

/** A trade that was decided and has not yet become orders or refusals altogether. */
export interface DecidedTrade {
  readonly instrument: string;
  /** Positive contracts not yet seen in an order. */
  readonly outstanding: string;
  /** 1 buy, −1 sell. */
  readonly direction: 1 | -1;
  /** Meant to rest in the book (`passive`) rather than to trade now. */
  readonly resting: boolean;
}

export interface WorkingOrder {
  readonly instrument: string;
  /** Positive contracts that may still fill. */
  readonly remaining: string;
  readonly direction: 1 | -1;
  readonly limitPrice: string;
  readonly resting: boolean;
  /** A decision took it back; it may still fill until the venue says that it is gone. */
  readonly withdrawn: boolean;
  /** The venue has not answered: outcome unknown. */
  readonly unresolved: boolean;
}

/** A trade that execution carries out over time; what its children have not filled counts as on its way. */
export interface WorkingParent {
  readonly instrument: string;
  /** Positive contracts not yet filled. */
  readonly remaining: string;
  readonly direction: 1 | -1;
  /** Client order ids of its children; they do not count a second time. */
  readonly children: Record<string, true>;
}

/** A fill that execution has told of and risk has not yet put into the positions. */
export interface UnappliedFill {
  readonly instrument: string;
  readonly quantity: string;
}

export interface Memory {
  rebalancedAt: string;
  hedgedAt: string;
  hedgeSpotUsd: number;
}

/** What the newest snapshot was evaluated to and is not on the journal yet. */
export interface UnrecordedEvaluation {
  readonly at: string;
  summary: QuietStretch | null;
  decision: { readonly hedges: boolean; readonly payload: HedgeDecision } | null;
}

export interface ProgramBook {
  readonly book: string;
  policy: PolicyInForce | null;
  /** To be put in force with the next commit. */
  requested: RequestedPolicy | null;
  decided: Record<string, DecidedTrade>;
  orders: Record<string, WorkingOrder>;
  parents: Record<string, WorkingParent>;
  unapplied: Record<string, UnappliedFill>;
  memory: Record<string, Memory>;
  /** What the policy asked to be given back at its next evaluation. */
  remembered: Record<string, string>;
  /** Composite spots of the newest snapshot, USD. */
  readonly spotsUsd: Record<string, number>;
  /** Reasons to stand still, by what asked for it: `price`, or the scope of a kill latch (`firm`, `book:<id>`). */
  halts: Record<string, string>;
  /** Kill latches on a venue or an instrument: `venue:<id>`, `instrument:<id>`. */
  readonly blocked: Record<string, true>;
  /** Who or what lifted the last halt. */
  liftedBy: string;
  /** The halt that is on record, and why. */
  halted: { readonly since: string; readonly reasons: string } | null;
  quiet: QuietStretch | null;
  refusal: { readonly key: string; readonly at: string } | null;
  unrecorded: UnrecordedEvaluation | null;
  /** Policies asked for and not yet judged, by proposal. */
  readonly proposals: Record<string, PolicyProposal>;
  /** Agreed on, and to be put in force with the next words. */
  approved: ApprovedPolicy | null;
}

export function createProgramBook(book: string): ProgramBook {
  return {
    book,
    policy: null,
    requested: null,
    decided: {},
    orders: {},
    parents: {},
    unapplied: {},
    memory: {},
    remembered: {},
    spotsUsd: {},
    halts: {},
    blocked: {},
    liftedBy: '',
    halted: null,
    quiet: null,
    refusal: null,
    unrecorded: null,
    proposals: {},
    approved: null,
  };
}

/** The program of a book, begun where there is none. */
export function programOf(state: ProgramState, book: string): ProgramBook {
  return (state.programs[book] ??= createProgramBook(book));
}

export function memoryOf(program: ProgramBook, underlying: string): Memory {
  return program.memory[underlying] ?? { rebalancedAt: '', hedgedAt: '', hedgeSpotUsd: 0 };
}

export function keptBy(state: ProgramState): Kept {
  const count = (record: object): number => Object.keys(record).length;
  let [inFlight, requests] = [0, 0];
  for (const { decided, orders, parents, unapplied, proposals } of Object.values(state.programs)) {
    inFlight += count(decided) + count(orders) + count(unapplied);
    for (const { children } of Object.values(parents)) inFlight += 1 + count(children);
    requests += count(proposals);
  }
  return { 'in-flight': inFlight, 'open-requests': requests };
}
