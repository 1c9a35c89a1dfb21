import {
  CONTROLS,
  createOrderCore,
  needsIndex,
  recallPrices,
  recallTime,
  recallVetting,
  reportBehind,
  wasVettedAt,
} from '@evenkeel/execution';
import type { ExecutionState } from '@evenkeel/execution';
import type { Check, CoreInput, DomainEvent, EventOf } from '@evenkeel/facts';
import type { Given, ReplayRules } from './core-replay';
import { isOlderSnapshot } from './older-release';
import { eventsIn } from './recorded-commit';
import type { Recorded } from './recorded-commit';

const VENUE_WORD = 'what a venue said of an account is on no journal as it said it';
const PARENT_MARKET = 'the market that a parent order follows is on no journal';
const QUESTION_TIME = 'when the market last spoke before a venue was asked is on no journal';
const LATER_MARKET = 'the prices at which an order later than its snapshot was vetted are on no journal';
const INDEX = 'the index that an option’s notional is taken at is on no journal';

/**
 * The order core. It sees the market and hears venues, and neither stands on a journal: a report is put together from what
 * execution said to it, and prices are those of the snapshot that the decision was made on.
 */
export const ORDER_REPLAY: ReplayRules<ExecutionState> = {
  context: 'execution',
  createCore: createOrderCore,
  ownWords: ['OrderIntended', 'OrderRefused', 'OrderAcknowledged', 'OrderFilled', 'ParentOrderStarted'],
  inputOf,
  recall(state, input, answers) {
    for (const event of input === undefined ? [] : input.view.events)
      if (event.type === 'RiskSnapshotTaken') recallPrices(state, event.payload);
    for (const { view } of answers) recallTime(state, view.eventTime);
    for (const event of eventsIn(...answers))
      if (isVetted(event)) recallVetting(state, event.payload.at, event.payload.checks);
  },
  olderTypes: ['OrderIntended', 'OrderRefused'],
  isOlder: isOlderSnapshot,
  notOnRecord,
  given,
};

function inputOf(answers: readonly Recorded[]): CoreInput | string {
  const [first] = answers;
  const at = first?.view.eventTime ?? '';
  if (first?.stored.commit.causation.stream !== 'venue')
    return {
      kind: 'instant',
      instant: { number: 0, eventTime: at, marks: [], fundings: [], deliveries: [], wakes: ['execution'] },
    };
  for (const event of eventsIn(...answers)) {
    const report = reportBehind(event);
    if (report !== undefined) return { kind: 'venue', id: '', at, report };
  }
  return VENUE_WORD;
}

type Vetted = EventOf<'OrderIntended' | 'OrderRefused' | 'AmendIntended' | 'AmendRefused'>;

function isVetted(event: DomainEvent): event is Vetted {
  switch (event.type) {
    case 'OrderIntended':
    case 'OrderRefused':
    case 'AmendIntended':
    case 'AmendRefused':
      return true;
    default:
      return false;
  }
}

function notOnRecord(event: DomainEvent, state: ExecutionState): string | undefined {
  switch (event.type) {
    case 'OrderIntended':
    case 'OrderRefused':
      return event.payload.parentId === undefined ? undefined : PARENT_MARKET;
    case 'AmendIntended':
    case 'AmendRefused':
    case 'CancelIntended':
      return isChild(state, event.payload.clientOrderId) ? PARENT_MARKET : undefined;
    case 'ParentOrderCompleted':
      return PARENT_MARKET;
    case 'ReconciliationRequested':
      return QUESTION_TIME;
    case 'OrderUnresolved':
      return state.unknown.has(event.payload.clientOrderId) ? QUESTION_TIME : undefined;
    case 'VenueReconciled':
    case 'ReconciliationDiffered':
    case 'ForeignTradeSeen':
      return VENUE_WORD;
    default:
      return undefined;
  }
}

function isChild({ orders }: ExecutionState, clientOrderId: string): boolean {
  return orders.get(clientOrderId)?.parentId !== undefined;
}

function given(made: DomainEvent, recorded: DomainEvent, state: ExecutionState): Given | undefined {
  const why = notOnRecord(recorded, state);
  if (why !== undefined) return made.type === recorded.type ? { event: recorded, why } : undefined;
  if (!isFirst(made) || !isFirst(recorded)) return undefined;
  const { book, instrument, at, checks } = recorded.payload;
  const late = wasVettedAt(at, checks) !== state.marketAt;
  if (!late && !needsIndex(state, book, instrument)) return undefined;
  const open: readonly string[] = late ? PRICED : NOTIONALS;
  return { event: withChecks(made, recorded, open), why: late ? LATER_MARKET : INDEX };
}

type First = EventOf<'OrderIntended' | 'OrderRefused'>;

function isFirst(event: DomainEvent): event is First {
  return event.type === 'OrderIntended' || event.type === 'OrderRefused';
}

const NOTIONALS: readonly string[] = ['order-notional', 'gross-notional', 'venue-notional'];
const PRICED: readonly string[] = [
  ...NOTIONALS,
  'price-status',
  'price-reference',
  'price-collar',
  'duplicate-order',
];

/** The same order with the checks of these names as they are on record, and with what follows from them. */
function withChecks(made: First, recorded: First, names: readonly string[]): DomainEvent {
  const { checks } = recorded.payload;
  const others = (of: readonly Check[]): string =>
    JSON.stringify(of.filter(({ name }) => !names.includes(name)));
  if (others(made.payload.checks) !== others(checks)) return made;
  const { clientOrderId, decisionId, book, instrument, side, quantity, at, parentId } = made.payload;
  const common = { clientOrderId, decisionId, book, instrument, side, quantity, at, checks };
  const order = parentId === undefined ? common : { ...common, parentId };
  const reasons = checks.flatMap(({ name, passed, overriddenBy }) =>
    passed || overriddenBy !== undefined ? [] : (REASONS.get(name) ?? []),
  );
  if (recorded.type === 'OrderRefused') return { type: 'OrderRefused', payload: { ...order, reasons } };
  if (reasons.length > 0) return made;
  if (made.type === 'OrderRefused')
    return { type: 'OrderIntended', payload: { ...recorded.payload, ...order } };
  const { limitPrice } = names.includes('price-collar') ? recorded.payload : made.payload;
  return { ...made, payload: { ...made.payload, limitPrice, checks } };
}

const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries(CONTROLS).map(([name, { reason }]) => [name, reason]),
);
