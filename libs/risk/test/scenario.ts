import { takeIn } from '@evenkeel/facts';
import type {
  BookOpened,
  CommitView,
  Core,
  CoreInput,
  DomainEvent,
  EventOf,
  EventType,
  Mark,
  MarketInstant,
} from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { canonicalJson } from '@evenkeel/kernel';

/** Drives a core the way the reactor does, without envelopes: observe, then decide and fold until silence. */
export function createScenario<State>(
  core: Core<State, never>,
  aggregateType: string,
  options: { readonly crashAfterEachCommit?: boolean } = {},
) {
  let state = core.initial();
  let commits = 0;
  let instants = 0;
  const said: DomainEvent[] = [];
  const fold = (
    book: string,
    eventTime: string,
    events: readonly DomainEvent[],
    type = aggregateType,
  ): CommitView => {
    commits += 1;
    const aggregate = { context: core.context, type, id: book };
    return { commitId: `own-${commits}`, aggregate, book, eventTime, correlationId: 'c', events };
  };
  const feed = (input: CoreInput): DomainEvent[] => {
    const answer: DomainEvent[] = [];
    state = takeIn(core, state, input);
    for (let step = 0; step < 100; step += 1) {
      const { commits: drafts } = core.decide(state, input);
      if (drafts.length === 0) break;
      // A crash between two commits of one step: the rest must be decided again, the same.
      for (const draft of options.crashAfterEachCommit === true ? drafts.slice(0, 1) : drafts) {
        answer.push(...draft.events);
        state = core.evolve(state, fold(draft.book, draft.eventTime, draft.events));
      }
    }
    if (core.decide(state, input).commits.length > 0) throw new Error('deciding again must yield nothing');
    said.push(...answer);
    return answer;
  };
  return {
    said,
    state: () => state,
    /** Replaces the state by what a JSON round trip makes of it: what a host does across a restart. */
    reload: () => {
      // The state is plain data by contract; that is what this checks.
      state = JSON.parse(JSON.stringify(state)) as State;
    },
    /** A commit of this core's own that a person made. */
    own: (book: string, eventTime: string, event: DomainEvent) => {
      state = core.evolve(state, fold(book, eventTime, [event]));
    },
    instant: (eventTime: string, what: Partial<MarketInstant>) => {
      instants += 1;
      const instant = {
        number: instants,
        eventTime,
        marks: [],
        fundings: [],
        deliveries: [],
        wakes: [],
        ...what,
      };
      return feed({ kind: 'instant', instant });
    },
    commit: (
      book: string,
      eventTime: string,
      event: DomainEvent,
      context: 'risk' | 'strategy' | 'execution' = 'execution',
    ) => {
      commits += 1;
      const aggregate = { context, type: 'hedge-order', id: 'x' };
      return feed({
        kind: 'commit',
        commit: { commitId: `c-${commits}`, aggregate, book, eventTime, correlationId: 'c', events: [event] },
      });
    },
    feed,
    decideAgain: (input: CoreInput) => core.decide(state, input).commits,
  };
}

export function eventsOf<T extends EventType>(
  events: readonly DomainEvent[],
  type: T,
): EventOf<T>['payload'][] {
  // Payloads of one type: TypeScript does not distribute the look-up over the generic.
  return events.filter((event) => event.type === type).map((event) => event.payload as EventOf<T>['payload']);
}

/** The one event of a type, or a failed test. */
export function only<T extends EventType>(events: readonly DomainEvent[], type: T): EventOf<T>['payload'] {
  const [found, more] = eventsOf(events, type);
  if (found === undefined || more !== undefined)
    throw new Error(`expected one ${type} in ${JSON.stringify(events.map((event) => event.type))}`);
  return found;
}

export function specificationText(id: string): string {
  const found = specificationOf(id);
  if (!found.ok) throw new Error(found.failure.message);
  // An InstrumentSpec is plain JSON.
  return canonicalJson(found.value);
}

export interface BookSketch {
  readonly book?: string;
  readonly numeraire?: string;
  readonly planned?: BookOpened['planned'];
  readonly hedges?: readonly string[];
  readonly others?: readonly string[];
  readonly rules?: Partial<BookOpened['evaluation']>;
}

export function bookOpened(sketch: BookSketch): DomainEvent {
  const planned = sketch.planned ?? [];
  const hedges = sketch.hedges ?? ['BTCUSDT-PERP@binance'];
  const ids = new Set([...planned.map(({ instrument }) => instrument), ...hedges, ...(sketch.others ?? [])]);
  return {
    type: 'BookOpened',
    payload: {
      book: sketch.book ?? 'b',
      numeraire: sketch.numeraire ?? 'USD',
      at: '2026-01-01T00:00:00Z',
      planned,
      specifications: [...ids].map(specificationText),
      hedgeInstruments: hedges,
      evaluation: {
        priceMoveBps: '10',
        maxInterval: 'PT1H',
        maxPriceAge: 'PT30M',
        maxVolatilityAge: 'PT24H',
        ...sketch.rules,
      },
      fileHash: '',
    },
  };
}

type Extra = Partial<Omit<Mark, 'instrument' | 'kind' | 'price' | 'eventTime'>>;

function mark(
  kind: Mark['kind'],
  instrument: string,
  price: number | string,
  eventTime: string,
  extra: Extra,
): Mark {
  return {
    instrument,
    kind,
    price: String(price),
    eventTime,
    receivedTime: eventTime,
    source: 'test',
    status: 'OK',
    reasons: [],
    ...extra,
  };
}

export function spotMark(underlying: string, price: number | string, at: string, extra: Extra = {}): Mark {
  return mark('composite', `${underlying}@composite`, price, at, extra);
}

export function priceMark(instrument: string, price: number | string, at: string, extra: Extra = {}): Mark {
  return mark('price', instrument, price, at, extra);
}

export function optionMark(
  instrument: string,
  volatility: number,
  forward: number | string,
  at: string,
  extra: Extra = {},
): Mark {
  return mark('option', instrument, '0.02', at, { volatility, forward: String(forward), ...extra });
}

export function busted(over: Partial<EventOf<'FillBusted'>['payload']>): DomainEvent {
  return {
    type: 'FillBusted',
    payload: {
      clientOrderId: 'o-1',
      book: 'b',
      instrument: 'BTCUSDT-PERP@binance',
      fillId: 'f-1',
      quantity: '1',
      price: '90000',
      fee: { currency: 'USDT', amount: '-45' },
      reason: 'ERROR_TRADE',
      at: '2026-01-02T11:00:00Z',
      ...over,
    },
  };
}

export function filled(over: Partial<EventOf<'OrderFilled'>['payload']>): DomainEvent {
  return {
    type: 'OrderFilled',
    payload: {
      clientOrderId: 'o-1',
      book: 'b',
      instrument: 'BTCUSDT-PERP@binance',
      fillId: 'f-1',
      quantity: '1',
      price: '90000',
      fee: { currency: 'USDT', amount: '-45' },
      liquidity: 'taker',
      at: '2026-01-02T10:00:00Z',
      remaining: '0',
      late: false,
      ...over,
    },
  };
}
