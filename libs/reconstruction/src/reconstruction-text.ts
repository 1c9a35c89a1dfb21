import type {
  Approval,
  Assessment,
  Candidate,
  Check,
  LegValuation,
  MarkUsed,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import { DAYS_PER_YEAR } from '@evenkeel/kernel';
import type { CommitReference, OrderStory, Reconstruction } from './reconstruction';

/** The story for a person: what was seen, what was decided and why, what was done, what came of it. */
export function reconstructionText(story: Reconstruction): string {
  const { decision } = story;
  const { payload } = decision;
  const lines = [
    `Decision ${payload.decisionId}`,
    `  ${decision.outcome === 'HEDGED' ? 'to hedge' : 'not to hedge'}, book ${payload.book}, ${payload.at}, because ${list(payload.reasons)}`,
    `  ${evidence(decision.commit)}`,
    ...(payload.quietBefore.evaluations > 0
      ? [
          `  before it: ${payload.quietBefore.evaluations} evaluations that left everything as it was (band used up to ${percent(payload.quietBefore.maxBandUse)})`,
        ]
      : []),
    '',
    'What was known',
    ...(story.snapshot === undefined
      ? ['  the snapshot is missing']
      : snapshotLines(story.snapshot.payload, story.snapshot.commit)),
    '',
    'The rule',
    ...policyLines(story),
    ...payload.assessments.flatMap(assessmentLines),
    '',
    'The choice',
    ...payload.candidates.flatMap(candidateLines),
    ...(payload.trades.length === 0 ? ['  nothing is traded'] : []),
    ...payload.checks.map((check) => `  check ${checkText(check)}`),
    '',
    'What was done',
    ...(story.orders.length === 0 ? ['  no order came of it'] : story.orders.flatMap(orderLines)),
    '',
    'What came of it',
    ...afterLines(story),
  ];
  if (story.problems.length > 0)
    lines.push('', 'PROBLEMS', ...story.problems.map((problem) => `  ! ${problem}`));
  return `${lines.join('\n')}\n`;
}

function evidence(commit: CommitReference): string {
  const state = commit.hashHolds ? '' : '  *** BYTES CHANGED ***';
  const signer = commit.signedBy === undefined ? '' : `, signed by ${commit.signedBy}`;
  return `[seq ${commit.seq}  sha256 ${commit.hash.slice(0, 16)}…  by ${commit.actor}${signer}]${state}`;
}

function snapshotLines(snapshot: RiskSnapshotTaken, commit: CommitReference): readonly string[] {
  return [
    `  snapshot ${snapshot.snapshotId} (${snapshot.trigger}), ${snapshot.at}, status ${snapshot.status}${snapshot.reasons.length > 0 ? ` (${list(snapshot.reasons)})` : ''}`,
    `  ${evidence(commit)}`,
    `  model ${snapshot.model}, kernel ${snapshot.kernelHash.slice(0, 16)}, rate ${percent(snapshot.rate)}, positions version ${snapshot.positionsVersion}`,
    ...snapshot.marks.map(markText),
    ...snapshot.legs.map(legText),
    ...snapshot.unpriced.map(
      (leg) => `  not priced: ${leg.quantity} ${leg.instrument}: ${leg.code}, ${leg.message}`,
    ),
    ...snapshot.balances.map(
      (balance) =>
        `  balance ${balance.amount} ${balance.currency} = ${money(balance.value)} ${snapshot.numeraire}`,
    ),
    ...exposureLines(snapshot),
  ];
}

function markText(mark: MarkUsed): string {
  const quote =
    mark.bid === undefined && mark.ask === undefined ? '' : ` (${mark.bid ?? '–'} / ${mark.ask ?? '–'})`;
  const status = mark.status === 'OK' ? 'OK' : `${mark.status}: ${list(mark.reasons)}`;
  return `  mark ${mark.instrument} ${mark.price}${quote} from ${mark.source}, ${number(mark.ageSeconds)} s old, ${status}`;
}

function legText(leg: LegValuation): string {
  const option =
    leg.volatility > 0
      ? ` at ${percent(leg.volatility)} vol, ${number(leg.expiryYears * DAYS_PER_YEAR)} days`
      : '';
  return `  leg  ${leg.quantity} ${leg.instrument}: value ${money(leg.value)}${option}; delta ${number(leg.delta)}, gamma ${number(leg.gamma)}, vega ${money(leg.vega / 100)}/pt, theta ${money(leg.theta / DAYS_PER_YEAR)}/day`;
}

function exposureLines(snapshot: RiskSnapshotTaken): readonly string[] {
  return snapshot.exposures.map(
    (exposure) =>
      `  exposure to ${exposure.underlying} at ${money(exposure.spot)}: delta ${number(exposure.delta)} (options ${number(exposure.optionDelta)}, coin ${number(exposure.balanceDelta)}, hedges ${number(exposure.hedgeDelta)}), gamma ${number(exposure.gamma)}, vega ${money(exposure.vega / 100)}/pt`,
  );
}

function policyLines(story: Reconstruction): readonly string[] {
  const { policyKind, policyHash } = story.decision.payload;
  if (story.policy === undefined) return [`  policy ${policyKind}, hash ${policyHash.slice(0, 16)}`];
  const { payload, commit } = story.policy;
  return [
    `  policy ${payload.policy}, target delta ${payload.targetDelta}, set ${payload.at}`,
    `  ${approvalText(payload.approval, commit.actor, story.approval)}`,
    `  ${evidence(commit)}`,
  ];
}

/** Who is behind a policy: two people, or one at boot. */
export function approvalText(
  approval: Approval | undefined,
  actor: string,
  standing = 'not verified',
): string {
  return approval === undefined
    ? `set at boot without a second person, by ${actor}`
    : `${standing === 'verified' ? 'verified' : `NOT VERIFIED (${standing})`}: proposed by ${approval.proposedBy}, approved by ${approval.approvedBy} (proposal ${approval.proposalId}, content sha256 ${approval.contentHash.slice(0, 16)}…)`;
}

function assessmentLines(assessment: Assessment): readonly string[] {
  const { exposure, bandLower, bandUpper, inFlightDelta, target } = assessment;
  return [
    `  ${assessment.underlying}: delta ${number(assessment.delta)}, in flight ${number(inFlightDelta)}, target ${number(target)}: exposure ${number(exposure)} against the band ${number(bandLower)} … ${number(bandUpper)}: ${assessment.breached ? 'outside' : 'inside'}; afterwards ${number(assessment.exposureAfter)}`,
    ...assessment.ingredients.map(({ name, value, unit }) => `    ${name} ${number(value)} ${unit}`),
  ];
}

function candidateLines(candidate: Candidate): readonly string[] {
  const { expectedCost: cost } = candidate;
  const verdict = candidate.chosen
    ? 'CHOSEN'
    : `passed over: ${candidate.rejected === '' ? 'no reason given' : candidate.rejected}`;
  return [
    `  ${candidate.name}: ${verdict}; cost ${money(cost.total)} (fee ${money(cost.fee)}, spread ${money(cost.spread)}, impact ${money(cost.impact)}, funding ${money(cost.funding)}), risk left ${money(candidate.residualRisk)}, score ${money(candidate.score)}`,
    ...candidate.trades.map(
      (trade) =>
        `    ${trade.quantity} ${trade.instrument} around ${trade.referencePrice}, delta ${number(trade.delta)}, ${trade.urgency}`,
    ),
  ];
}

function orderLines(story: OrderStory): readonly string[] {
  const lines: string[] = [];
  const terms = story.intended ?? story.refused;
  if (terms !== undefined) {
    const { side, quantity, instrument, at } = terms.payload;
    const limit =
      story.intended === undefined
        ? ''
        : ` at ${story.intended.payload.limitPrice} or better, ${story.intended.payload.timeInForce}, on ${story.intended.payload.venue}`;
    lines.push(
      `  order ${story.clientOrderId}: ${side} ${quantity} ${instrument}${limit}, ${at}`,
      `    ${evidence(terms.commit)}`,
    );
    lines.push(...terms.payload.checks.map((check) => `    check ${checkText(check)}`));
  }
  if (story.refused !== undefined)
    lines.push(`    refused before it left: ${list(story.refused.payload.reasons)}`);
  const steps = [
    ...story.steps.map((step) => ({
      seq: step.commit.seq,
      text: `    ${step.type} ${step.payload.at}${step.payload.reason === undefined ? '' : `: ${step.payload.reason}`}  ${evidence(step.commit)}`,
    })),
    ...story.fills.map(({ filled, applied }) => {
      const { quantity, price, fee, liquidity, at, late, remaining } = filled.payload;
      const booked =
        applied === undefined
          ? 'not in the book yet'
          : `in the book at seq ${applied.commit.seq}: position ${applied.payload.positionAfter}, realised ${applied.payload.realised.amount} ${applied.payload.realised.currency}`;
      return {
        seq: filled.commit.seq,
        text: `    filled ${quantity} at ${price} (${liquidity}${late ? ', late' : ''}), fee ${fee.amount} ${fee.currency}, ${remaining} left, ${at}  ${evidence(filled.commit)}\n      ${booked}`,
      };
    }),
  ];
  return [...lines, ...steps.sort((a, b) => a.seq - b.seq).map(({ text }) => text)];
}

function afterLines(story: Reconstruction): readonly string[] {
  const { next, snapshot } = story;
  if (next === undefined) return ['  no later snapshot'];
  const { payload } = next;
  const lines = [
    `  snapshot ${payload.snapshotId} (${payload.trigger}), ${payload.at}`,
    `  ${evidence(next.commit)}`,
    ...exposureLines(payload),
  ];
  lines.push(
    `  P&L since the book was opened, ${payload.numeraire}: hedged ${payload.pnl.hedged}, unhedged ${payload.pnl.unhedged}, fees ${payload.pnl.fees}, funding ${payload.pnl.funding}`,
  );
  if (snapshot !== undefined) lines.push(`  equity ${snapshot.payload.equity} → ${payload.equity}`);
  return lines;
}

function checkText(check: Check): string {
  return `${check.name}: ${check.passed ? 'passed' : 'FAILED'} (observed ${check.observed}, limit ${check.limit})`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'no reason on record' : items.join(', ');
}

const SIGNIFICANT = 6;

function number(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(SIGNIFICANT)));
}

function money(value: number): string {
  return value.toFixed(2);
}

function percent(fraction: number): string {
  return `${String(Number((fraction * 100).toPrecision(4)))} %`;
}
