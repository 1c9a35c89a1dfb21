import { takeIn } from '@evenkeel/facts';
import type {
  CommitView,
  Context,
  CoreInput,
  DomainEvent,
  EventOf,
  EventType,
  Exposure,
  LegValuation,
  MarkUsed,
  Refusals,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';
import { watched } from '@evenkeel/testkit';
import { createProgramCore } from '../src/program-core';
import type { ProgramState } from '../src/state';

export const BTC_PERP = 'BTCUSDT-PERP@binance';
export const ETH_PERP = 'ETHUSDT-PERP@binance';

/** Drives the program core as the reactor does: observe, then decide and fold until silence. */
export function createProgram(
  policy: object,
  instruments: readonly string[] = [BTC_PERP],
  target = '0',
  { core } = watched(createProgramCore()),
) {
  let state = core.initial();
  let commits = 0;
  let snapshots = 0;
  const viewOf = (
    context: Context,
    type: string,
    eventTime: string,
    events: readonly DomainEvent[],
  ): CommitView => {
    commits += 1;
    return {
      commitId: `c-${commits}`,
      aggregate: { context, type, id: 'b' },
      book: 'b',
      eventTime,
      correlationId: 'c',
      events,
    };
  };
  const feed = (input: CoreInput): DomainEvent[] => {
    const said: DomainEvent[] = [];
    state = takeIn(core, state, input);
    for (let step = 0; step < 100; step += 1) {
      const { commits: drafts } = core.decide(state, input);
      if (drafts.length === 0) break;
      for (const draft of drafts) {
        said.push(...draft.events);
        state = core.evolve(state, viewOf('strategy', 'hedge-program', draft.eventTime, draft.events));
      }
    }
    if (core.decide(state, input).commits.length > 0) throw new Error('deciding again must yield nothing');
    return said;
  };
  const at = '2026-01-01T00:00:00Z';
  const specifications = instruments.map(specificationText);
  const payload = {
    book: 'b',
    at,
    policy: canonicalJson(policy as Json),
    policyHash: 'h',
    targetDelta: target,
    hedgeInstruments: instruments,
    specifications,
  };
  state = core.evolve(state, viewOf('strategy', 'hedge-program', at, [{ type: 'PolicySet', payload }]));
  return {
    state: () => state,
    reload: () => {
      // The state is plain data by contract; that is what this checks.
      state = JSON.parse(JSON.stringify(state)) as ProgramState;
    },
    snapshot: (
      time: string,
      exposures: readonly Partial<Exposure>[],
      over: Partial<RiskSnapshotTaken> = {},
    ) => {
      snapshots += 1;
      const event: DomainEvent = {
        type: 'RiskSnapshotTaken',
        payload: snapshotOf(`s-${snapshots}`, time, exposures, over),
      };
      return feed({ kind: 'commit', commit: viewOf('risk', 'book', time, [event]) });
    },
    order: (time: string, event: DomainEvent, context: Context = 'execution', refusals?: Refusals) => {
      const commit = viewOf(context, 'hedge-order', time, [event]);
      return feed({ kind: 'commit', commit: refusals === undefined ? commit : { ...commit, refusals } });
    },
  };
}

export function specificationText(id: string): string {
  const found = specificationOf(id);
  if (!found.ok) throw new Error(found.failure.message);
  // An InstrumentSpec is plain JSON.
  return canonicalJson(found.value);
}

const SPOTS: Readonly<Record<string, number>> = { BTC: 90000, ETH: 3000 };

export function exposureOf(over: Partial<Exposure>): Exposure {
  const underlying = over.underlying ?? 'BTC';
  return {
    underlying,
    spot: SPOTS[underlying] ?? 1,
    spotStatus: 'OK',
    delta: 0,
    optionDelta: 0,
    balanceDelta: 0,
    hedgeDelta: 0,
    gamma: -0.0001,
    vega: -80,
    theta: 30000,
    vanna: 0,
    volga: 0,
    volatility: 0.45,
    expiryYears: 0.02,
    ...over,
  };
}

export function markOf(
  instrument: string,
  price: number,
  time: string,
  over: Partial<MarkUsed> = {},
): MarkUsed {
  const half = price * 0.00001;
  return {
    instrument,
    price: String(price),
    bid: String(price - half),
    ask: String(price + half),
    status: 'OK',
    reasons: [],
    source: 'test',
    eventTime: time,
    ageSeconds: 0,
    ...over,
  };
}

function snapshotOf(
  snapshotId: string,
  at: string,
  sketches: readonly Partial<Exposure>[],
  over: Partial<RiskSnapshotTaken>,
): RiskSnapshotTaken {
  const exposures = sketches.map(exposureOf);
  const marks = exposures.flatMap(({ underlying }) => {
    const spot = SPOTS[underlying] ?? 1;
    return [markOf(`${underlying}@composite`, spot, at), markOf(`${underlying}USDT-PERP@binance`, spot, at)];
  });
  return {
    snapshotId,
    book: 'b',
    numeraire: 'USD',
    at,
    trigger: 'price-move',
    positionsVersion: 1,
    model: 'black-76',
    kernelHash: '',
    rate: 0,
    status: 'OK',
    reasons: [],
    marks,
    legs: [],
    unpriced: [],
    balances: [],
    exposures,
    equity: '0',
    pnl: { unhedged: '0', hedged: '0', options: '0', hedge: '0', fees: '0', funding: '0', settlement: '0' },
    ...over,
  };
}

/** The one event of a type, or a failed test. */
export function only<T extends EventType>(events: readonly DomainEvent[], type: T): EventOf<T>['payload'] {
  const found = events.filter((event) => event.type === type);
  const [first] = found;
  if (first === undefined || found.length !== 1)
    throw new Error(`expected one ${type} in ${JSON.stringify(events.map((event) => event.type))}`);
  // Narrowed by the filter; TypeScript does not distribute the look-up over the generic.
  return first.payload as EventOf<T>['payload'];
}

type Intended = EventOf<'OrderIntended'>['payload'];

export function intended(decisionId: string, over: Partial<Intended> = {}): DomainEvent {
  return {
    type: 'OrderIntended',
    payload: {
      clientOrderId: 'o-1',
      decisionId,
      book: 'b',
      venue: 'binance',
      instrument: BTC_PERP,
      side: 'sell',
      quantity: '0.2',
      orderType: 'limit',
      timeInForce: 'IOC',
      limitPrice: '90000',
      referencePrice: '90000',
      at: '2026-01-01T10:00:00Z',
      timeoutAt: '2026-01-01T10:00:05Z',
      checks: [],
      ...over,
    },
  };
}

export function orderFilled(over: Partial<EventOf<'OrderFilled'>['payload']> = {}): DomainEvent {
  return {
    type: 'OrderFilled',
    payload: {
      clientOrderId: 'o-1',
      book: 'b',
      instrument: BTC_PERP,
      fillId: 'f-1',
      quantity: '-0.2',
      price: '90000',
      fee: { currency: 'USDT', amount: '-9' },
      liquidity: 'taker',
      at: '2026-01-01T10:00:01Z',
      remaining: '0',
      late: false,
      ...over,
    },
  };
}

export function fillApplied(fillId: string): DomainEvent {
  return {
    type: 'FillApplied',
    payload: {
      book: 'b',
      instrument: BTC_PERP,
      clientOrderId: 'o-1',
      fillId,
      quantity: '-0.2',
      price: '90000',
      fee: { currency: 'USDT', amount: '-9' },
      realised: { currency: 'USDT', amount: '0' },
      at: '2026-01-01T10:00:01Z',
      positionAfter: '-0.2',
      averagePriceAfter: '90000',
    },
  };
}

export function closed(
  type: 'OrderCancelled' | 'OrderRejected' | 'OrderExpired',
  unfilled = '0.2',
): DomainEvent {
  return {
    type,
    payload: {
      clientOrderId: 'o-1',
      book: 'b',
      instrument: BTC_PERP,
      at: '2026-01-01T10:00:01Z',
      unfilled,
      reason: 'test',
    },
  };
}

/** A BTC straddle of so many contracts as risk values it: forward = spot, no rate. */
export function straddleLegs(
  quantity: number,
  over: { spot?: number; strike?: number; volatility?: number; years?: number; volatilityTime?: string } = {},
): LegValuation[] {
  const { spot = 90_000, strike = 90_000, volatility = 0.45, years = 0.02 } = over;
  return (['call', 'put'] as const).map((type) => {
    const unit = priceBlack76({ type, F: spot, K: strike, T: years, sigma: volatility, r: 0 });
    return {
      instrument: `BTC-30JAN26-${strike}-${type === 'call' ? 'C' : 'P'}@deribit`,
      quantity: String(quantity),
      kind: 'option',
      underlying: 'BTC',
      value: quantity * unit.value,
      unitValue: unit.value / spot,
      forward: spot,
      strike,
      volatility,
      volatilityTime: over.volatilityTime ?? '2026-01-01T09:00:00Z',
      expiryYears: years,
      delta: quantity * unit.delta,
      gamma: quantity * unit.gamma,
      vega: quantity * unit.vega,
      theta: quantity * unit.theta,
      vanna: quantity * unit.vanna,
      volga: quantity * unit.volga,
    };
  });
}

/** The exposure that legs add up to. */
export function exposureOfLegs(
  legs: readonly LegValuation[],
  over: Partial<Exposure> = {},
): Partial<Exposure> {
  const total = (pick: (leg: LegValuation) => number): number =>
    legs.reduce((sum, leg) => sum + pick(leg), 0);
  return {
    delta: total(({ delta }) => delta),
    optionDelta: total(({ delta }) => delta),
    gamma: total(({ gamma }) => gamma),
    vega: total(({ vega }) => vega),
    theta: total(({ theta }) => theta),
    volatility: legs[0]?.volatility ?? 0,
    expiryYears: legs[0]?.expiryYears ?? 0,
    ...over,
  };
}
