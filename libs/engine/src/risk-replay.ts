import type { DomainEvent, MarketInstant } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import {
  createKernelLegPricer,
  createRiskCore,
  recallBelieved,
  recallMarket,
  recallTime,
} from '@evenkeel/risk';
import type { RiskState } from '@evenkeel/risk';
import type { Given, ReplayRules } from './core-replay';
import { isOlderSnapshot } from './older-release';
import { eventsIn } from './recorded-commit';
import type { Recorded } from './recorded-commit';

/** When a snapshot is due between two changes of the book, the market decides. */
const BY_MARKET: ReadonlySet<string> = new Set(['price-move', 'interval', 'status']);

const OTHER_KERNEL = 'this build has not the kernel that priced it';
const REFUSED_LEGS = 'a leg that the model refuses is written without what it was asked';
const WAITED = 'how much was held when a funding fell due that waited for a price is on no journal';
const TRADE_MARKET = 'the market that a refused trade was held against is on no journal';
const MARKET_TIME = 'whether the market made a snapshot due is on no journal';

/**
 * The book core. It hears the market, which stands on no journal: an instant is put together from what risk said to it, and its
 * prices are those in the snapshots that were taken at it. That a price is what the market published shows elsewhere.
 */
export const RISK_REPLAY: ReplayRules<RiskState> = {
  context: 'risk',
  createCore: createRiskCore,
  ownWords: ['RiskSnapshotTaken', 'FillApplied', 'FundingAccrued'],
  inputOf: (answers, state) => ({ kind: 'instant', instant: instantBehind(answers, state) }),
  recall(state, input, answers) {
    const [first] = answers;
    if (first === undefined) return;
    if (input !== undefined) recallTime(state, first.view.eventTime);
    const events = eventsIn(...answers);
    for (const event of events) if (event.type === 'RiskSnapshotTaken') recallMarket(state, event.payload);
    for (const event of events)
      if (event.type === 'FundingAccrued')
        recallBelieved(state, event.payload.instrument, event.payload.price);
  },
  olderTypes: ['RiskSnapshotTaken'],
  isOlder: isOlderSnapshot,
  notOnRecord,
  given,
};

function notOnRecord(event: DomainEvent): string | undefined {
  if (event.type === 'RequestRefused')
    return event.payload.reasons.includes('PRICE_FAR_FROM_MARKET') ? TRADE_MARKET : undefined;
  if (event.type !== 'RiskSnapshotTaken') return undefined;
  return BY_MARKET.has(event.payload.trigger) ? MARKET_TIME : undefined;
}

function given(made: DomainEvent, recorded: DomainEvent): Given | undefined {
  if (made.type === 'FundingAccrued' && recorded.type === 'FundingAccrued') {
    const waited =
      recorded.payload.at !== made.payload.at || recorded.payload.position !== made.payload.position;
    return waited ? { event: recorded, why: WAITED } : undefined;
  }
  if (made.type !== 'RiskSnapshotTaken' || recorded.type !== 'RiskSnapshotTaken') return undefined;
  const { payload } = recorded;
  if (payload.unpriced.some(({ code }) => code === 'RISK.MODEL_REFUSED'))
    return { event: recorded, why: REFUSED_LEGS };
  const { kernelHash } = payload;
  if (kernelHash === made.payload.kernelHash) return undefined;
  // A kernel of other code that gives the same numbers.
  const isLike =
    createKernelLegPricer().pricesLike(kernelHash) || payload.legs.every(({ kind }) => kind !== 'option');
  return isLike
    ? { event: { ...made, payload: { ...made.payload, kernelHash } }, why: '' }
    : { event: recorded, why: OTHER_KERNEL };
}

function instantBehind(answers: readonly Recorded[], { books }: RiskState): MarketInstant {
  const fundings: MarketInstant['fundings'][number][] = [];
  const deliveries: MarketInstant['deliveries'][number][] = [];
  for (const { type, payload } of eventsIn(...answers)) {
    if (type === 'FundingAccrued') {
      const { instrument, rate, at } = payload;
      // Of several books the market said it once.
      if (!fundings.some((known) => known.instrument === instrument && known.at === at))
        fundings.push({ instrument, rate, at, source: '' });
    } else if (type === 'OptionSettled') {
      const specification = books[payload.book]?.specifications[payload.instrument];
      if (specification === undefined) continue;
      const { underlying, venue, spec } = parseContract(specification);
      const price = payload.deliveryPrice;
      if (spec.expiry !== undefined)
        deliveries.push({ underlying, venue, expiry: spec.expiry, price, source: '' });
    }
  }
  const eventTime = answers[0]?.view.eventTime ?? '';
  return { number: 0, eventTime, marks: [], fundings, deliveries, wakes: [] };
}
