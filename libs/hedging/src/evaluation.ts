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
import type { InFlight } from './in-flight';
import { inFlightOf } from './in-flight';
import type { Policy, PolicyInput, UnderlyingView } from './policy/policy';
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

/** What a policy is asked about a snapshot, and the checks that hold for every policy. */
export function policyInputOf(
  program: ProgramBook,
  inForce: PolicyInForce,
  snapshot: RiskSnapshotTaken,
): { readonly input: PolicyInput; readonly checks: readonly Check[] } {
  const inFlight = inFlightOf(program);
  const underlyings: UnderlyingView[] = [];
  const checks: Check[] = [];
  let numeraireUsd = 1;
  for (const exposure of snapshot.exposures) {
    const spotUsd = spotUsdOf(snapshot, exposure.underlying);
    if (exposure.spot > 0) numeraireUsd = spotUsd / exposure.spot;
    const gate = gateOf(program, inForce, snapshot, exposure, inFlight, spotUsd);
    checks.push(...gate.checks);
    underlyings.push(viewOf(program, inForce, exposure, gate, inFlight, spotUsd));
  }
  const now = parseInstant(snapshot.at);
  const input = { snapshot, now, numeraireUsd, underlyings, remembered: program.remembered };
  return { input, checks };
}

/** Puts the policy to a snapshot. Pure: reads the program, changes nothing. */
export function evaluate(
  program: ProgramBook,
  inForce: PolicyInForce,
  policy: Policy,
  snapshot: RiskSnapshotTaken,
  quiet: QuietStretch | null,
): Outcome {
  const { input, checks } = policyInputOf(program, inForce, snapshot);
  const views = input.underlyings;
  const output = policy.evaluate(input);
  const refusals = [
    ...views.flatMap((view) => view.refusals.map((reason) => ({ underlying: view.underlying, reason }))),
    ...output.refusals,
    ...coveredByOrders(views, output.assessments),
  ];
  const refusalKey = refusals
    .map(({ underlying, reason }) => `${underlying}:${reason}`)
    .sort()
    .join(' ');
  const withdrawn = output.withdrawals ?? [];
  const hedges = output.trades.length > 0 || withdrawn.length > 0;
  const speaks = hedges || (refusalKey !== '' && isNews(program, refusalKey, snapshot.at));
  // Most evaluations are quiet: nothing is written down that nobody will read.
  const payload = (): HedgeDecision => ({
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
  });
  const bandUse = Math.max(0, ...output.assessments.map(bandUseOf));
  return {
    decision: speaks ? { hedges, payload: payload() } : undefined,
    bandUse,
    rebalanced: output.rebalanced,
    refusalKey,
    remember: output.remember,
  };
}

function viewOf(
  program: ProgramBook,
  inForce: PolicyInForce,
  exposure: Exposure,
  gate: ReturnType<typeof gateOf>,
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
    resting: inFlight.resting.filter(
      ({ instrument }) => underlyingIn(inForce, instrument) === exposure.underlying,
    ),
    restingDecided: [...inFlight.restingDecided].some(
      (instrument) => underlyingIn(inForce, instrument) === exposure.underlying,
    ),
    target: inForce.targetDelta,
    exposure: exposure.delta + inFlightDelta - inForce.targetDelta,
    bandScale: exposure.spotStatus === 'DEGRADED' ? DEGRADED_FACTOR : 1,
    refusals: gate.refusals,
    instruments: gate.instruments,
    memory: memoryOf(program, exposure.underlying),
  };
}

function underlyingIn(inForce: PolicyInForce, instrument: string): string {
  const text = inForce.specifications[instrument];
  return text === undefined ? '' : parseContract(text).underlying;
}

/** Outside the band but for what is on its way: the reason for standing still is the order, and is said. */
function coveredByOrders(
  views: readonly UnderlyingView[],
  assessments: readonly Assessment[],
): { underlying: string; reason: string }[] {
  return views.flatMap((view, index) => {
    const assessed = required(assessments[index], `the assessment of ${view.underlying}`);
    const bare = view.delta - view.target;
    const outside =
      assessed.bandUpper > assessed.bandLower && (bare > assessed.bandUpper || bare < assessed.bandLower);
    const covered = view.inFlightDelta !== 0 && outside && !assessed.breached && view.refusals.length === 0;
    return covered ? [{ underlying: view.underlying, reason: 'ORDER_IN_FLIGHT' }] : [];
  });
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
