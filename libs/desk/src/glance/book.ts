import { partitionOfBook } from '@evenkeel/eventing';
import type { Assessment } from '@evenkeel/facts';
import { quantityText } from '@evenkeel/figures';
import { assessedNow, bandUseOf } from '@evenkeel/hedging';
import type { OrderAlive } from '@evenkeel/hedging';
import { Decimal, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type {
  BandGlance,
  BookGlance,
  BookStop,
  DecisionGlance,
  PnlGlance,
  PnlSince,
  PolicyGlance,
  UnderlyingGlance,
} from './glance';
import { answered, isAnswered, missing } from './ports';
import type { Answer, RecordedBook, RecordedDesk } from './ports';
import { checkWords, reasonWords } from './reason-words';

/** Event time that has passed since, seconds; 0 for what lies ahead of it. */
export function secondsSince(at: string, now: Instant): number {
  const passed = now - parseInstant(at);
  return passed > 0n ? Number(passed / 1_000_000n) / 1_000 : 0;
}

export interface BookSurroundings {
  readonly desk: Pick<RecordedDesk, 'carriedFrom'>;
  /** Event time now. */
  readonly now: Instant;
  readonly stops: readonly BookStop[];
  /** Everything that could stop it was asked. */
  readonly allAsked: boolean;
}

/** One book, from its newest facts. */
export function bookGlance(
  recorded: RecordedBook,
  { desk, now, stops, allAsked }: BookSurroundings,
): BookGlance {
  const { opened, closedAt, policy, snapshot, decision } = recorded;
  const underlyings = underlyingsOf(recorded);
  const stopped = stops.some(({ whole }) => whole)
    ? 'wholly'
    : stops.length > 0
      ? 'in part'
      : allAsked
        ? 'no'
        : 'unknown';
  return {
    book: opened.book,
    numeraire: opened.numeraire,
    partition: partitionOfBook(opened.book),
    openedAt: opened.at,
    ...(closedAt === undefined ? {} : { closedAt }),
    stopped,
    stops,
    ...(policy === undefined ? {} : { policy: policyGlance(policy) }),
    ...(snapshot === undefined
      ? {}
      : {
          snapshot: {
            at: snapshot.taken.at,
            ageSeconds: secondsSince(snapshot.taken.at, now),
            status: snapshot.taken.status,
            reasons: snapshot.taken.reasons,
            unpriced: snapshot.taken.unpriced.map(({ instrument, code }) => ({ instrument, code })),
            sequence: snapshot.sequence,
          },
          pnl: pnlGlance(recorded, snapshot.taken, desk.carriedFrom !== undefined),
        }),
    underlyings,
    orders: recorded.orders.map(({ decisionId: _, resting: __, ...order }) => ({
      ...order,
      ageSeconds: secondsSince(order.since, now),
    })),
    ...(decision === undefined ? {} : { decision: decisionGlance(decision, now) }),
    refusals: recorded.refusals,
    sinceThen: closedAt === undefined ? sinceThen(recorded, underlyings, stopped) : 'the book is closed',
  };
}

export function policyKindOf(policy: RecordedBook['policy']): string | undefined {
  return policy === undefined ? undefined : (JSON.parse(policy.set.policy) as { readonly kind: string }).kind; // canonical JSON of a policy that was checked before it came on record
}

function policyGlance({ set, by, sequence }: NonNullable<RecordedBook['policy']>): PolicyGlance {
  return {
    kind: policyKindOf({ set, by, sequence }) ?? '',
    policy: set.policy,
    targetDelta: set.targetDelta,
    since: set.at,
    by: set.approval === undefined ? by : `${set.approval.proposedBy} and ${set.approval.approvedBy}`,
    sequence,
  };
}

function underlyingsOf(recorded: RecordedBook): readonly UnderlyingGlance[] {
  const { snapshot } = recorded;
  if (snapshot === undefined) return [];
  const bands = bandsOf(recorded);
  return snapshot.taken.exposures.map((exposure) => {
    const { underlying, delta } = exposure;
    const price = snapshot.taken.marks.find(
      ({ instrument }) => instrument === `${underlying}@composite`,
    )?.price;
    const spotUsd = price === undefined || !(Number(price) > 0) ? undefined : Number(price);
    return {
      underlying,
      ...(spotUsd === undefined ? {} : { spotUsd, deltaUsd: delta * spotUsd }),
      spotStatus: exposure.spotStatus,
      delta,
      gamma: exposure.gamma,
      vega: exposure.vega,
      theta: exposure.theta,
      band: bands(underlying),
    };
  });
}

const NO_BAND = 'the policy has no band';
const NOT_WORKED_OUT = 'the band was not worked out: no price to trade on';

/** By the policy itself on the newest snapshot; of one that goes by what it remembers, as the newest decision had it. */
function bandsOf({
  policy,
  snapshot,
  decision,
  orders,
}: RecordedBook): (underlying: string) => Answer<BandGlance> {
  if (policy === undefined || snapshot === undefined) return () => missing('no policy is in force');
  const alive = Object.fromEntries(
    orders.map(
      ({ clientOrderId, instrument, remaining, side, limitPrice, resting }): [string, OrderAlive] => [
        clientOrderId,
        { instrument, remaining, direction: side === 'buy' ? 1 : -1, limitPrice, resting },
      ],
    ),
  );
  const assessed = assessedNow(policy.set, snapshot.taken, alive);
  if (!assessed.ok) return () => missing(`the policy on record cannot be read: ${assessed.failure.message}`);
  const { value: now } = assessed;
  const isPriced = (underlying: string): boolean =>
    snapshot.taken.exposures.some((one) => one.underlying === underlying && one.spotStatus !== 'HALTED');
  const of = (all: readonly Assessment[], underlying: string, from: BandGlance['from'], at: string) => {
    const found = all.find((one) => one.underlying === underlying);
    if (found === undefined) return missing('no decision is on record yet');
    const { bandLower: lower, bandUpper: upper, exposure } = found;
    if (!(upper > lower)) return missing(isPriced(underlying) ? NO_BAND : NOT_WORKED_OUT);
    return answered({ exposure, lower, upper, use: bandUseOf(found), from, at });
  };
  if (now !== undefined) return (underlying) => of(now, underlying, 'policy', snapshot.taken.at);
  const { assessments = [], at = '' } = decision?.decision ?? {};
  return (underlying) => {
    const then = of(assessments, underlying, 'decision', at);
    const exposure = snapshot.taken.exposures.find((one) => one.underlying === underlying);
    if (!isAnswered(then) || exposure === undefined) return then;
    const { lower: bandLower, upper: bandUpper } = then.value;
    const present = exposure.delta - Number(policy.set.targetDelta);
    const use = bandUseOf({ bandLower, bandUpper, exposure: present });
    return answered({ ...then.value, exposure: present, use });
  };
}

function pnlGlance(
  { dayStart, epochStart }: RecordedBook,
  taken: NonNullable<RecordedBook['snapshot']>['taken'],
  isCarried: boolean,
): PnlGlance {
  const since = (name: 'hedged' | 'unhedged'): PnlSince => {
    const opened = Decimal.parse(taken.pnl[name]);
    const less = (start: string): string => opened.minus(Decimal.parse(start)).toString();
    // A book that another epoch had before began this one with what it had made by then.
    const epoch = isCarried ? epochStart?.[name] : '0';
    return {
      today: less(dayStart?.[name] ?? '0'),
      ...(epoch === undefined ? {} : { epoch: less(epoch) }),
      opened: opened.toString(),
    };
  };
  return {
    at: taken.at,
    numeraire: taken.numeraire,
    day: taken.at.slice(0, 'YYYY-MM-DD'.length),
    hedged: since('hedged'),
    unhedged: since('unhedged'),
    fees: taken.pnl.fees,
    equity: taken.equity,
  };
}

function decisionGlance(
  { decision, hedges, sequence }: NonNullable<RecordedBook['decision']>,
  now: Instant,
): DecisionGlance {
  const failed = decision.checks
    .filter(({ passed }) => !passed)
    .map(({ name, limit, observed }) => ({ name, limit, observed }));
  const why = decision.reasons.map(reasonWords).join('; ');
  const trades = decision.trades.map(({ instrument, quantity }) => {
    const contracts = Decimal.parse(quantity);
    return `${contracts.isNegative() ? 'sell' : 'buy'} ${contracts.abs().toString()} ${instrument}`;
  });
  const withdrawn = decision.withdrawals?.clientOrderIds.length ?? 0;
  const done = [...trades, ...(withdrawn === 0 ? [] : [`take ${withdrawn} resting orders back`])].join(', ');
  const what = hedges ? done : 'did not hedge';
  const because = [why, ...failed.map(checkWords)].filter((part) => part !== '').join('; ');
  return {
    decisionId: decision.decisionId,
    at: decision.at,
    ageSeconds: secondsSince(decision.at, now),
    sequence,
    hedges,
    reasons: decision.reasons,
    words: because === '' ? what : `${what}: ${because}`,
    failed,
  };
}

function sinceThen(
  recorded: RecordedBook,
  underlyings: readonly UnderlyingGlance[],
  stopped: BookGlance['stopped'],
): string {
  const { refusals } = recorded;
  if (refusals.length === 0) return stateSince(recorded, underlyings, stopped);
  const told = refusals.map(
    ({ instrument, reasons, count, at }) =>
      `${count === 1 ? 'an order' : `${count} orders`} in ${instrument} refused by ${reasons.join(', ')}, the newest at ${at}`,
  );
  return [...told, stateSince(recorded, underlyings, stopped)].join('; ');
}

function stateSince(
  { snapshot, decision, policy, refusals }: RecordedBook,
  underlyings: readonly UnderlyingGlance[],
  stopped: BookGlance['stopped'],
): string {
  if (snapshot === undefined) return 'risk has not valued it yet';
  if (policy === undefined) return 'no policy is in force: nothing is decided';
  if (decision !== undefined && decision.decision.at >= snapshot.taken.at)
    return refusals.length > 0
      ? 'risk has not valued it again'
      : 'nothing: the decision was taken on the newest snapshot';
  const bands = underlyings.flatMap(({ underlying, band }) =>
    isAnswered(band) ? [{ underlying, ...band.value }] : [],
  );
  const outside = bands.filter(({ use }) => use > 1);
  if (outside.length > 0) {
    const named = outside.map(
      ({ underlying, exposure, lower, upper }) =>
        `${quantityText(exposure, underlying)} is outside ${quantityText(lower, underlying)} … ${quantityText(upper, underlying)}`,
    );
    const rest =
      stopped === 'no'
        ? 'a refusal that still stands is put on record again after an hour'
        : 'and the book is stopped';
    return `${named.join(', ')}: ${rest}`;
  }
  if (bands.length === 0) return 'nothing was to be done yet';
  const largest = Math.max(...bands.map(({ use }) => use));
  return `inside the band, which is ${Math.round(largest * 100)} % used: nothing to do`;
}
