import type {
  Actor,
  CommitDraft,
  CommitView,
  Core,
  DomainEvent,
  EventPayloads,
  QuietStretch,
  RiskSnapshotTaken,
  Step,
} from '@evenkeel/facts';
import { NOTHING } from '@evenkeel/facts';
import { EvenkeelError } from '@evenkeel/kernel';
import { evaluate, spotUsdOf } from './evaluation';
import { readSpecification } from './hedge-instrument';
import { foldGovernance, policyWords } from './governed-policy';
import { foldDecided, foldOrderEvent } from './in-flight';
import type { Policy } from './policy/policy';
import { parsePolicy } from './policies/registry';
import type { ProgramBook, ProgramState } from './state';
import { createProgramBook, memoryOf } from './state';

const ACTOR: Actor = { kind: 'algo', id: 'hedge-program' };

/**
 * The hedge-program core: puts each book's policy to every snapshot and says what follows. A snapshot's evaluation is
 * folded as the snapshot is observed, so that the quiet ones count; what it has to say is then said by `decide`.
 */
export function createProgramCore(): Core<ProgramState, never> {
  return {
    context: 'strategy',
    initial: () => ({ programs: {} }),
    observe(state, input) {
      if (input.kind === 'commit')
        for (const event of input.commit.events) observeEvent(state, input.commit, event);
      return state;
    },
    decide(state, input): Step<never> {
      if (input.kind !== 'commit') return NOTHING;
      const commits = Object.values(state.programs).flatMap((program) =>
        nextWords(program, input.commit.eventTime),
      );
      return commits.length === 0 ? NOTHING : { commits, effects: [] };
    },
    evolve(state, commit) {
      for (const event of commit.events) evolveEvent(state, commit.book, event);
      return state;
    },
    nextWake: () => undefined,
  };
}

function programOf(state: ProgramState, book: string): ProgramBook {
  return (state.programs[book] ??= createProgramBook(book));
}

function observeEvent(state: ProgramState, commit: CommitView, event: DomainEvent): void {
  if (commit.aggregate.context === 'governance') {
    const known = state.programs[commit.book];
    if (known !== undefined) foldGovernance(known, commit, event);
    return;
  }
  const program = programOf(state, commit.book);
  if (event.type === 'KillEngaged' || event.type === 'KillReleased') foldKill(program, event);
  else if (event.type === 'RiskSnapshotTaken') observeSnapshot(program, event.payload);
  else foldOrderEvent(program, event);
}

/** A latch on the firm or the book stops the program; one on a venue or an instrument takes that away from it. */
function foldKill(
  program: ProgramBook,
  event: Extract<DomainEvent, { type: 'KillEngaged' | 'KillReleased' }>,
): void {
  const { scope, by } = event.payload;
  const partial = scope.startsWith('venue:') || scope.startsWith('instrument:');
  if (event.type === 'KillEngaged') {
    if (partial) program.blocked[scope] = true;
    else program.halts[scope] = 'KILL_ENGAGED';
  } else {
    if (program.halts[scope] !== undefined) program.liftedBy = by;
    delete program.blocked[scope];
    delete program.halts[scope];
  }
}

/** Policies hold functions and so are no part of the state; the same text is the same policy. */
const policies = new Map<string, Policy>();

function policyOf(text: string): Policy {
  const known = policies.get(text);
  if (known !== undefined) return known;
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new EvenkeelError(parsed.failure);
  policies.set(text, parsed.value);
  return parsed.value;
}

function observeSnapshot(program: ProgramBook, snapshot: RiskSnapshotTaken): void {
  foldPriceHalt(program, snapshot);
  for (const { underlying } of snapshot.exposures)
    program.spotsUsd[underlying] = spotUsdOf(snapshot, underlying);
  const inForce = program.policy;
  if (inForce === null) return;
  const summary =
    program.stretch !== null && dayOf(program.stretch.to) !== dayOf(snapshot.at) ? program.stretch : null;
  if (summary !== null) program.stretch = null;
  const outcome = evaluate(program, inForce, policyOf(inForce.policy), snapshot, program.stretch);
  for (const underlying of outcome.served)
    program.memory[underlying] = { ...memoryOf(program, underlying), servedAt: snapshot.at };
  if (outcome.remember !== undefined) program.remembered = { ...outcome.remember };
  if (outcome.refusalKey === '') program.refusal = null;
  if (outcome.decision === undefined)
    program.stretch = extended(program.stretch, snapshot.at, outcome.bandUse);
  else if (outcome.refusalKey !== '') program.refusal = { key: outcome.refusalKey, at: snapshot.at };
  program.verdict = { at: snapshot.at, summary, decision: outcome.decision ?? null };
}

/** With no underlying left that may be traded on, the program as a whole stands still. */
function foldPriceHalt(program: ProgramBook, snapshot: RiskSnapshotTaken): void {
  const { exposures } = snapshot;
  if (exposures.length > 0 && exposures.every(({ spotStatus }) => spotStatus === 'HALTED'))
    program.halts['price'] = 'PRICE_HALTED';
  else if (program.halts['price'] !== undefined) {
    delete program.halts['price'];
    program.liftedBy = 'price';
  }
}

function dayOf(at: string): string {
  return at.slice(0, 10);
}

function extended(stretch: QuietStretch | null, at: string, bandUse: number): QuietStretch {
  if (stretch === null) return { evaluations: 1, from: at, to: at, maxBandUse: bandUse };
  return {
    evaluations: stretch.evaluations + 1,
    from: stretch.from,
    to: at,
    maxBandUse: Math.max(stretch.maxBandUse, bandUse),
  };
}

/** The next thing this program has to say; halts first, then what was quiet, then the decision. */
function nextWords(program: ProgramBook, at: string): CommitDraft[] {
  const policy = policyWords(program, at);
  if (policy !== undefined) return [governedDraft(program, at, policy)];
  const halt = haltWords(program, at);
  if (halt !== undefined) return [draft(program, at, halt)];
  const { verdict } = program;
  if (verdict === null) return [];
  if (verdict.summary !== null) {
    return [
      draft(program, verdict.at, {
        type: 'EvaluationsSummarised',
        payload: { book: program.book, at: verdict.at, stretch: verdict.summary },
      }),
    ];
  }
  if (verdict.decision === null) return [];
  const { hedges, payload } = verdict.decision;
  return [draft(program, verdict.at, { type: hedges ? 'HedgeDecided' : 'HedgeDeclined', payload })];
}

function haltWords(program: ProgramBook, at: string): DomainEvent | undefined {
  const reasons = [...new Set(Object.values(program.halts))].sort();
  const { book, halted } = program;
  if (reasons.length === 0) {
    return halted === null
      ? undefined
      : { type: 'ProgramResumed', payload: { book, at, haltedSince: halted.since, by: program.liftedBy } };
  }
  return halted?.reasons === reasons.join(' ')
    ? undefined
    : { type: 'ProgramHalted', payload: { book, at, reasons } };
}

function draft(program: ProgramBook, at: string, event: DomainEvent): CommitDraft {
  const aggregate = { context: 'strategy', type: 'hedge-program', id: program.book } as const;
  const base: CommitDraft = { aggregate, book: program.book, eventTime: at, actor: ACTOR, events: [event] };
  return program.policy === null ? base : { ...base, policyHash: program.policy.policyHash };
}

/** The machine puts in force what two people agreed on; who they are stands in the fact. */
function governedDraft(program: ProgramBook, at: string, event: DomainEvent): CommitDraft {
  const by = program.approved?.approvedBy ?? '';
  return { ...draft(program, at, event), actor: { kind: 'human', id: by } };
}

function evolveEvent(state: ProgramState, book: string, event: DomainEvent): void {
  const program = programOf(state, book);
  switch (event.type) {
    case 'PolicySet':
      return foldPolicy(program, event.payload);
    case 'HedgeDecided':
      foldDecided(program, event.payload);
      rememberHedge(program, event.payload);
      return foldSpoken(program);
    case 'HedgeDeclined':
      return foldSpoken(program);
    case 'EvaluationsSummarised':
      if (program.verdict !== null) program.verdict.summary = null;
      return undefined;
    case 'ProgramHalted':
      program.halted = {
        since: program.halted?.since ?? event.payload.at,
        reasons: event.payload.reasons.join(' '),
      };
      return undefined;
    case 'ProgramResumed':
      program.halted = null;
      return undefined;
    default:
      return undefined;
  }
}

function foldPolicy(program: ProgramBook, payload: EventPayloads['PolicySet']): void {
  policyOf(payload.policy);
  const specifications: Record<string, string> = {};
  for (const text of payload.specifications) specifications[readSpecification(text).id] = text;
  program.policy = {
    policy: payload.policy,
    policyHash: payload.policyHash,
    targetDelta: Number(payload.targetDelta),
    hedgeInstruments: payload.hedgeInstruments,
    specifications,
  };
  program.memory = {};
  program.remembered = {};
  if (program.approved?.proposalId === payload.approval?.proposalId) program.approved = null;
}

function foldSpoken(program: ProgramBook): void {
  if (program.verdict !== null) program.verdict.decision = null;
  program.stretch = null;
}

function rememberHedge(program: ProgramBook, decision: EventPayloads['HedgeDecided']): void {
  for (const trade of decision.trades) {
    const text = program.policy?.specifications[trade.instrument];
    if (text === undefined) continue;
    const { underlying } = readSpecification(text);
    const hedgeSpotUsd = program.spotsUsd[underlying] ?? 0;
    program.memory[underlying] = { servedAt: decision.at, hedgedAt: decision.at, hedgeSpotUsd };
  }
}
