import { createRunStatistics } from '@evenkeel/accounting';
import type { BookStatistics } from '@evenkeel/accounting';
import { readSpots } from '@evenkeel/facts';
import type { CommitView, DomainEvent, EventPayloads, RiskSnapshotTaken } from '@evenkeel/facts';
import { contractValueNumber, isDollar, notionalUsdNumber, parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

/** Cumulative since the book was opened, read at the end of an hour. Money in the numeraire. */
export interface HourlyPoint {
  /** P&L with and without hedges, at the last complete valuation up to then. */
  readonly hedged: number;
  readonly unhedged: number;
  /** Paid, positive. */
  readonly fees: number;
  /** Fill prices against the marks their decisions saw, positive when worse: half spread, impact and the wait. */
  readonly slippage: number;
  /** Received, positive. */
  readonly funding: number;
  readonly turnoverUsd: number;
  readonly fills: number;
}

/** What one policy did to one book on one market. */
export interface HedgeOutcome {
  readonly book: string;
  readonly numeraire: string;
  /** Nanosecond instant at which the first hour began, as a decimal string. */
  readonly start: string;
  /** `hours[0]` is the state at `start`; one more per hour after it. */
  readonly hours: readonly HourlyPoint[];
  readonly statistics: BookStatistics;
}

export interface OutcomeFold {
  add(commit: Pick<CommitView, 'book' | 'events'>): void;
  /** `end`: until when the market ran; the last hour closes there, so that every policy has the same hours. */
  report(end: Instant): HedgeOutcome;
}

const HOUR = 3_600_000_000_000n;

interface Running {
  hedged: number;
  unhedged: number;
  fees: number;
  slippage: number;
  funding: number;
  turnoverUsd: number;
  fills: number;
}

/** The outcome of a run for one book, as a fold over its commits in order. */
export function createHedgeOutcome(book: string): OutcomeFold {
  const statistics = createRunStatistics();
  const now: Running = {
    hedged: 0,
    unhedged: 0,
    fees: 0,
    slippage: 0,
    funding: 0,
    turnoverUsd: 0,
    fills: 0,
  };
  const hours: HourlyPoint[] = [];
  const references = new Map<string, number>();
  const contracts = new Map<string, Contract>();
  const spotsUsd = new Map<string, string>();
  let numeraire = '';
  let start = 0n;

  /** Hours that ended before `at` close with what was known in them. */
  const closeHours = (at: bigint): void => {
    if (hours.length === 0) {
      start = at;
      hours.push({ ...now });
      return;
    }
    while (start + BigInt(hours.length) * HOUR <= at) hours.push({ ...now });
  };

  const onSnapshot = (snapshot: RiskSnapshotTaken): void => {
    closeHours(parseInstant(snapshot.at));
    readSpots(snapshot, spotsUsd);
    now.fees = -Number(snapshot.pnl.fees);
    now.funding = Number(snapshot.pnl.funding);
    if (snapshot.unpriced.length > 0) return;
    now.hedged = Number(snapshot.pnl.hedged);
    now.unhedged = Number(snapshot.pnl.unhedged);
  };

  const spotOf = (underlying: string): number =>
    Number(required(spotsUsd.get(underlying), `the price of ${underlying} at a fill`));

  const onFill = (fill: EventPayloads['OrderFilled']): void => {
    const contract = contracts.get(fill.instrument);
    if (contract === undefined) return;
    const spot = spotOf(contract.underlying);
    const price = Number(fill.price);
    const quantity = Number(fill.quantity);
    const reference = references.get(fill.clientOrderId) ?? price;
    const unit = isDollar(numeraire) ? 1 : spotOf(numeraire);
    now.fills += 1;
    now.turnoverUsd += Math.abs(quantity) * notionalUsdNumber(contract, { price, underlyingUsd: spot });
    now.slippage += shortfallUsd(contract, quantity, price, reference, spot) / unit;
  };

  const fold = (event: DomainEvent): void => {
    switch (event.type) {
      case 'BookOpened':
        numeraire = event.payload.numeraire;
        for (const text of event.payload.specifications) {
          const contract = parseContract(text);
          contracts.set(contract.id, contract);
        }
        return;
      case 'OrderIntended':
        references.set(event.payload.clientOrderId, Number(event.payload.referencePrice));
        return;
      case 'OrderFilled':
        onFill(event.payload);
        return;
      case 'RiskSnapshotTaken':
        onSnapshot(event.payload);
        return;
      default:
    }
  };

  return {
    add(commit) {
      if (commit.book !== book) return;
      statistics.add(commit);
      commit.events.forEach(fold);
    },
    report(end) {
      closeHours(end);
      // The hour that the market's end cuts short.
      if (start + BigInt(hours.length - 1) * HOUR < end) hours.push({ ...now });
      const own = required(statistics.report()[0], `a commit of book ${book}`);
      return { book, numeraire, start: start.toString(), hours, statistics: own };
    },
  };
}

/** Dollars lost by trading at `price` rather than at `reference`; what is settled in coin is turned at spot. */
function shortfallUsd(
  contract: Contract,
  quantity: number,
  price: number,
  reference: number,
  spot: number,
): number {
  const lost =
    contractValueNumber(contract, quantity, price) - contractValueNumber(contract, quantity, reference);
  return contract.coinSettled ? lost * spot : lost;
}
