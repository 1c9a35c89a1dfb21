import type {
  Assessment,
  Candidate,
  Check,
  LegValuation,
  MarkUsed,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import {
  amountText,
  deltaText,
  gammaText,
  moneyText,
  percentText,
  thetaText,
  vegaText,
} from '@evenkeel/figures';
import { spotUsdOf } from '@evenkeel/hedging';
import { DAYS_PER_YEAR } from '@evenkeel/kernel';
import { RISK, againstBand, ageText } from './answer';
import { checkText, toldCheck } from './check-words';
import { reasonText, reasonsText } from './reason-words';
import type { CommitReference, OrderStory, Reconstruction } from './reconstruction';
import { numeraireOf, unitsOf } from './story-money';
import { policyRows, standingText, whoText } from './who-text';

/** Everything there is to a story, section by section. */
export function fullStoryLines(story: Reconstruction): readonly string[] {
  const { payload } = story.decision;
  const numeraire = numeraireOf(story);
  const { quietBefore } = payload;
  return [
    'What was known',
    ...(quietBefore.evaluations > 0
      ? [
          `  before it: ${quietBefore.evaluations} evaluations that left everything as it was (band used up to ${percentText(quietBefore.maxBandUse)})`,
        ]
      : []),
    ...(story.snapshot === undefined
      ? ['  the snapshot is missing']
      : snapshotLines(story.snapshot.payload, story.snapshot.commit)),
    '',
    'The rule',
    ...policyLines(story),
    ...payload.assessments.flatMap((assessment) => assessmentLines(assessment, story)),
    '',
    'The choice',
    ...payload.candidates.flatMap((candidate) => candidateLines(candidate, numeraire)),
    ...(payload.trades.length === 0 ? ['  nothing is traded'] : []),
    ...checkLines(payload.checks, numeraire, '  '),
    '',
    'What was done',
    ...(story.orders.length === 0
      ? ['  no order came of it']
      : story.orders.flatMap((order) => orderLines(order, numeraire))),
    '',
    'What came of it',
    ...afterLines(story),
    '',
    'Evidence',
    ...story.commits.map(
      ({ seq, eventTime, types, hash, hashHolds }) =>
        `  ${String(seq).padStart(8)}  ${hash}  ${eventTime}  ${types.join(', ')}${hashHolds ? '' : '  *** BYTES CHANGED ***'}`,
    ),
  ];
}

export function evidenceLine(commit: CommitReference): string {
  const state = commit.hashHolds ? '' : '  *** BYTES CHANGED ***';
  const signer = commit.signedBy === undefined ? '' : `, signed by ${commit.signedBy}`;
  return `[seq ${commit.seq}  sha256 ${commit.hash.slice(0, 16)}…  by ${commit.actor}${signer}]${state}`;
}

function snapshotLines(snapshot: RiskSnapshotTaken, commit: CommitReference): readonly string[] {
  const { numeraire } = snapshot;
  return [
    `  snapshot ${snapshot.snapshotId} (${snapshot.trigger}), ${snapshot.at}, status ${snapshot.status}${snapshot.reasons.length > 0 ? ` (${snapshot.reasons.join(', ')})` : ''}`,
    `  ${evidenceLine(commit)}`,
    `  model ${snapshot.model}, kernel ${snapshot.kernelHash.slice(0, 16)}, rate ${percentText(snapshot.rate)}, positions version ${snapshot.positionsVersion}`,
    ...snapshot.marks.map((mark) => `  ${markText(mark)}`),
    ...snapshot.legs.map((leg) => `  ${legText(leg, snapshot)}`),
    ...snapshot.unpriced.map(
      (leg) => `  not priced: ${leg.quantity} ${leg.instrument}: ${leg.code}, ${leg.message}`,
    ),
    ...snapshot.balances.map(
      ({ amount, currency, value }) =>
        `  balance ${moneyText(amount, currency)} = ${amountText(value, numeraire)}`,
    ),
    ...exposureLines(snapshot),
  ];
}

function markText(mark: MarkUsed): string {
  const quote =
    mark.bid === undefined && mark.ask === undefined ? '' : ` (${mark.bid ?? '–'} / ${mark.ask ?? '–'})`;
  const status = mark.status === 'OK' ? 'OK' : `${mark.status}: ${mark.reasons.join(', ')}`;
  return `mark ${mark.instrument} ${mark.price}${quote} from ${mark.source}, ${ageText(mark.ageSeconds)} old, ${status}`;
}

function legText(leg: LegValuation, snapshot: RiskSnapshotTaken): string {
  const option =
    leg.volatility > 0
      ? ` at ${percentText(leg.volatility)} vol, ${Number((leg.expiryYears * DAYS_PER_YEAR).toFixed(3))} days`
      : '';
  const units = {
    underlying: leg.underlying,
    spotUsd: spotUsdOf(snapshot, leg.underlying),
    numeraire: snapshot.numeraire,
  };
  const curved =
    leg.gamma === 0 && leg.vega === 0 && leg.theta === 0
      ? ''
      : `, gamma ${gammaText(leg.gamma, units)}, vega ${vegaText(leg.vega, units)}, theta ${thetaText(leg.theta, units)}`;
  return `leg  ${leg.quantity} ${leg.instrument}: value ${amountText(leg.value, snapshot.numeraire)}${option}; delta ${deltaText(leg.delta, units)}${curved}`;
}

/** All of a book's exposures, each Greek in its one unit. */
export function exposureLines(
  snapshot: Pick<RiskSnapshotTaken, 'exposures' | 'marks' | 'numeraire'>,
): readonly string[] {
  const { numeraire } = snapshot;
  return snapshot.exposures.map((one) => {
    const units = { underlying: one.underlying, spotUsd: spotUsdOf(snapshot, one.underlying), numeraire };
    const bare = { ...units, spotUsd: 0 };
    return `  exposure to ${one.underlying} at ${amountText(one.spot, numeraire)}: delta ${deltaText(one.delta, units)} = options ${deltaText(one.optionDelta, bare)} + coin ${deltaText(one.balanceDelta, bare)} + hedges ${deltaText(one.hedgeDelta, bare)}; gamma ${gammaText(one.gamma, units)}, vega ${vegaText(one.vega, units)}, theta ${thetaText(one.theta, units)}`;
  });
}

function policyLines(story: Reconstruction): readonly string[] {
  const { policyKind, policyHash } = story.decision.payload;
  if (story.policy === undefined)
    return [`  policy ${policyKind}, hash ${policyHash}, which is not in the record`];
  const { payload, commit } = story.policy;
  const rows = policyRows(payload.policy);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const { approval } = payload;
  return [
    `  policy ${policyKind}, target delta ${payload.targetDelta} per underlying, set ${payload.at}, hash ${policyHash}`,
    ...rows.map(([name, value]) => `    ${name.padEnd(width)}  ${value}`),
    `  ${whoText(story)}`,
    ...(approval === undefined
      ? []
      : [
          `  proposal ${approval.proposalId}, content sha256 ${approval.contentHash}, ${standingText(story.approval)}`,
        ]),
    `  ${evidenceLine(commit)}`,
  ];
}

function assessmentLines(assessment: Assessment, story: Reconstruction): readonly string[] {
  const units = unitsOf(story, assessment.underlying);
  return [
    `  ${againstBand(assessment, story)}; afterwards ${deltaText(assessment.exposureAfter, units)}`,
    `    delta ${deltaText(assessment.delta, units)}, on its way ${deltaText(assessment.inFlightDelta, units)}, target ${deltaText(assessment.target, units)}`,
    ...assessment.ingredients.map(
      ({ name, value, unit }) => `    ${name} ${Number(value.toPrecision(6))} ${unit}`,
    ),
  ];
}

function candidateLines(candidate: Candidate, numeraire: string): readonly string[] {
  const { expectedCost: cost } = candidate;
  const told = (amount: number): string => amountText(amount, numeraire);
  const verdict = candidate.chosen
    ? 'CHOSEN'
    : `passed over: ${candidate.rejected === '' ? 'no reason given' : candidate.rejected}`;
  return [
    `  ${candidate.name}: ${verdict}`,
    `    cost ${told(cost.total)} (fee ${told(cost.fee)}, spread ${told(cost.spread)}, impact ${told(cost.impact)}, funding ${told(cost.funding)}, gas ${told(cost.gas)}, margin ${told(cost.margin)})`,
    `    risk left ${told(candidate.residualRisk)} (${RISK}), score ${told(candidate.score)} (cost and weighted risk); of both, lower is better`,
    ...candidate.trades.map(
      (trade) =>
        `    ${trade.quantity} ${trade.instrument} around ${trade.referencePrice}, delta ${Number(trade.delta.toPrecision(6))}, ${trade.urgency}`,
    ),
  ];
}

function checkLines(checks: readonly Check[], numeraire: string, indent: string): readonly string[] {
  return checks.map((check) => `${indent}${checkText(toldCheck(check, numeraire))}`);
}

function orderLines(story: OrderStory, numeraire: string): readonly string[] {
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
      `    ${evidenceLine(terms.commit)}`,
      ...checkLines(terms.payload.checks, numeraire, '    '),
    );
  }
  if (story.refused !== undefined)
    lines.push(`    refused before it left: ${reasonsText(story.refused.payload.reasons)}`);
  const steps = [
    ...story.steps.map(({ type, commit, payload: { at, reason } }) => ({
      seq: commit.seq,
      text: `    ${type} ${at}${reason === undefined ? '' : `: ${reasonText(reason)}`}  ${evidenceLine(commit)}`,
    })),
    ...story.fills.map(({ filled, applied }) => {
      const { quantity, price, fee, liquidity, at, late, excess, remaining } = filled.payload;
      const marks = `${liquidity}${late ? ', late' : ''}${excess === undefined ? '' : `, ${excess} beyond its size`}`;
      const booked =
        applied === undefined
          ? 'not in the book yet'
          : `in the book at seq ${applied.commit.seq}: position ${applied.payload.positionAfter}, realised ${moneyText(applied.payload.realised.amount, applied.payload.realised.currency)}`;
      return {
        seq: filled.commit.seq,
        text: `    filled ${quantity} at ${price} (${marks}), fee ${moneyText(fee.amount, fee.currency)}, ${remaining} left, ${at}  ${evidenceLine(filled.commit)}\n      ${booked}`,
      };
    }),
  ];
  return [...lines, ...steps.sort((a, b) => a.seq - b.seq).map(({ text }) => text)];
}

function afterLines(story: Reconstruction): readonly string[] {
  const { next, snapshot } = story;
  if (next === undefined) return ['  no later snapshot'];
  const { payload } = next;
  const told = (amount: string): string => moneyText(amount, payload.numeraire);
  const { hedged, unhedged, fees, funding } = payload.pnl;
  return [
    `  snapshot ${payload.snapshotId} (${payload.trigger}), ${payload.at}`,
    `  ${evidenceLine(next.commit)}`,
    ...exposureLines(payload),
    `  P&L since the book was opened: hedged ${told(hedged)}, unhedged ${told(unhedged)}, fees ${told(fees)}, funding ${told(funding)}`,
    ...(snapshot === undefined
      ? []
      : [`  equity ${told(snapshot.payload.equity)} → ${told(payload.equity)}`]),
  ];
}
