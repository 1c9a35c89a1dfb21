import type {
  Assessment,
  Check,
  Exposure,
  HedgeDecision,
  QuietStretch,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { NANOS_PER_HOUR, parseInstant, required, uuidV5 } from '@evenkeel/kernel';
import { gateOf } from './gate';
import type { Gate, NoteCheck } from './gate';
import type { InFlight, RestingOrder } from './in-flight';
import { inFlightOf } from './in-flight';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingRefusal, UnderlyingView } from './policy/policy';
import type { PolicyInForce, ProgramBook } from './state';
import { spotUsdOf } from './spot-usd';
import { memoryOf } from './state';

/** What one evaluation came to. */
export interface Outcome {
  /** Undefined for a quiet one. */
  readonly decision: { readonly hedges: boolean; readonly payload: HedgeDecision } | undefined;
  /** Largest |exposure| ÷ half band; 0 where there is no band. */
  readonly bandUse: number;
  readonly rebalanced: readonly string[];
  /** The refusals in force, comparable; empty when there are none. */
  readonly refusalKey: string;
  readonly remember: Readonly<Record<string, string>> | undefined;
}

const DEGRADED_FACTOR = 2;
const REPEAT_REFUSAL_AFTER = NANOS_PER_HOUR;

/** What a policy is asked about a snapshot. `note` hears the checks that hold for every policy. */
export function policyInputOf(
  program: ProgramBook,
  inForce: PolicyInForce,
  snapshot: RiskSnapshotTaken,
  note?: NoteCheck,
): PolicyInput {
  const inFlight = inFlightOf(program);
  const underlyings: UnderlyingView[] = [];
  let numeraireUsd = 1;
  for (const exposure of snapshot.exposures) {
    const spotUsd = spotUsdOf(snapshot, exposure.underlying);
    if (exposure.spot > 0) numeraireUsd = spotUsd / exposure.spot;
    const gate = gateOf({ program, policy: inForce, snapshot, exposure, inFlight, spotUsd }, note);
    underlyings.push(viewOf(program, inForce, exposure, gate, inFlight, spotUsd));
  }
  return {
    snapshot,
    now: parseInstant(snapshot.at),
    numeraireUsd,
    underlyings,
    remembered: program.remembered,
  };
}

/** Puts the policy to a snapshot. Pure: reads the program, changes nothing. */
export function evaluate(
  program: ProgramBook,
  inForce: PolicyInForce,
  policy: Policy,
  snapshot: RiskSnapshotTaken,
  quiet: QuietStretch | null,
): Outcome {
  const input = policyInputOf(program, inForce, snapshot);
  const output = policy.evaluate(input);
  const refusals = refusalsOf(input.underlyings, output);
  const refusalKey = keyOf(refusals);
  const hedges = output.trades.length > 0 || (output.withdrawals?.length ?? 0) > 0;
  const speaks = hedges || (refusalKey !== '' && isNews(program, refusalKey, snapshot.at));
  let bandUse = 0;
  for (const assessed of output.assessments) bandUse = Math.max(bandUse, bandUseOf(assessed));
  return {
    // Most evaluations are quiet: nothing is written down that nobody will read.
    decision: speaks
      ? { hedges, payload: decisionOf({ program, inForce, policy, snapshot, quiet, output, refusals }) }
      : undefined,
    bandUse,
    rebalanced: output.rebalanced,
    refusalKey,
    remember: output.remember,
  };
}

interface Spoken {
  readonly program: ProgramBook;
  readonly inForce: PolicyInForce;
  readonly policy: Policy;
  readonly snapshot: RiskSnapshotTaken;
  readonly quiet: QuietStretch | null;
  readonly output: PolicyOutput;
  readonly refusals: readonly UnderlyingRefusal[];
}

function decisionOf({ program, inForce, policy, snapshot, quiet, output, refusals }: Spoken): HedgeDecision {
  const checks: Check[] = [];
  policyInputOf(program, inForce, snapshot, (check) => checks.push(check));
  const withdrawn = output.withdrawals ?? [];
  return {
    decisionId: uuidV5(`decision/${program.book}/${snapshot.snapshotId}`),
    book: program.book,
    at: snapshot.at,
    snapshotId: snapshot.snapshotId,
    policyKind: policy.kind,
    policyHash: inForce.policyHash,
    assessments: output.assessments,
    candidates: output.candidates,
    trades: output.trades,
    checks: output.checks === undefined ? checks : [...checks, ...output.checks],
    reasons: [...new Set([...output.reasons, ...refusals.map(({ reason }) => reason)])],
    quietBefore: quiet ?? { evaluations: 0, from: snapshot.at, to: snapshot.at, maxBandUse: 0 },
    ...(withdrawn.length === 0 ? {} : { withdrawals: { clientOrderIds: withdrawn } }),
  };
}

/** Why underlyings are not traded: what the gate says, then the policy, then orders that cover them. */
function refusalsOf(
  views: readonly UnderlyingView[],
  { refusals, assessments }: PolicyOutput,
): readonly UnderlyingRefusal[] {
  const all: UnderlyingRefusal[] = [];
  for (const { underlying, refusals: own } of views)
    for (const reason of own) all.push({ underlying, reason });
  all.push(...refusals);
  views.forEach((view, index) => {
    const { underlying } = view;
    const assessed = required(assessments[index], 'the assessment of each underlying');
    if (isCovered(view, assessed)) all.push({ underlying, reason: 'ORDER_IN_FLIGHT' });
  });
  return all;
}

function keyOf(refusals: readonly UnderlyingRefusal[]): string {
  if (refusals.length === 0) return '';
  return refusals
    .map(({ underlying, reason }) => `${underlying}:${reason}`)
    .sort()
    .join(' ');
}

function viewOf(
  program: ProgramBook,
  inForce: PolicyInForce,
  exposure: Exposure,
  gate: Gate,
  inFlight: InFlight,
  spotUsd: number,
): UnderlyingView {
  const { inFlightDelta } = gate;
  return {
    underlying: exposure.underlying,
    spot: exposure.spot,
    spotUsd,
    spotStatus: exposure.spotStatus,
    delta: exposure.delta,
    gamma: exposure.gamma,
    vega: exposure.vega,
    theta: exposure.theta,
    volatility: exposure.volatility,
    expiryYears: exposure.expiryYears,
    inFlightDelta,
    inFlightContracts: inFlight.contracts,
    resting: restingOn(inForce, exposure.underlying, inFlight),
    restingDecided: isRestingDecided(inForce, exposure.underlying, inFlight),
    target: inForce.targetDelta,
    exposure: exposure.delta + inFlightDelta - inForce.targetDelta,
    bandScale: exposure.spotStatus === 'DEGRADED' ? DEGRADED_FACTOR : 1,
    refusals: gate.refusals,
    instruments: gate.instruments,
    memory: memoryOf(program, exposure.underlying),
  };
}

function restingOn(
  inForce: PolicyInForce,
  underlying: string,
  { resting }: InFlight,
): readonly RestingOrder[] {
  if (resting.length === 0) return resting;
  return resting.filter(({ instrument }) => underlyingIn(inForce, instrument) === underlying);
}

function isRestingDecided(inForce: PolicyInForce, underlying: string, { restingDecided }: InFlight): boolean {
  for (const instrument of restingDecided) if (underlyingIn(inForce, instrument) === underlying) return true;
  return false;
}

function underlyingIn(inForce: PolicyInForce, instrument: string): string {
  const text = inForce.specifications[instrument];
  return text === undefined ? '' : parseContract(text).underlying;
}

/** Outside the band but for what is on its way: the reason for standing still is the order, and is said. */
function isCovered(view: UnderlyingView, assessed: Assessment): boolean {
  if (view.inFlightDelta === 0) return false;
  const bare = view.delta - view.target;
  const outside =
    assessed.bandUpper > assessed.bandLower && (bare > assessed.bandUpper || bare < assessed.bandLower);
  return outside && !assessed.breached && view.refusals.length === 0;
}

function isNews(program: ProgramBook, key: string, at: string): boolean {
  const { refusal } = program;
  return (
    refusal === null ||
    refusal.key !== key ||
    parseInstant(at) - parseInstant(refusal.at) >= REPEAT_REFUSAL_AFTER
  );
}

/** Distance from the band's middle ÷ half its width; 0 where there is no band. */
export function bandUseOf({
  bandLower,
  bandUpper,
  exposure,
}: Pick<Assessment, 'bandLower' | 'bandUpper' | 'exposure'>): number {
  const half = (bandUpper - bandLower) / 2;
  return half > 0 ? Math.abs(exposure - (bandLower + bandUpper) / 2) / half : 0;
}
