import type { DomainEvent } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { PERP, at } from '../../test/desk';
import { Worksite, secondsOf } from '../../test/worksite';

const SOAK = process.env['EK_SOAK'] === '1';
const TWAP = { algorithm: 'twap', horizon: 'PT10M', slices: 5 };

const children = (site: Worksite): [number, string][] =>
  site.payloads('OrderIntended').map((child) => [secondsOf(child.at), child.quantity]);

describe('a parent order', () => {
  it('is on record with its schedule before its first child, and ends when its children have filled it', () => {
    const site = new Worksite(TWAP);
    site.decide('d1', 1, { quantity: '-2' });
    site.runFilling(700);
    expect(site.types()[0]).toBe('ParentOrderStarted');
    expect(site.payloads('ParentOrderStarted')).toMatchObject([
      {
        algorithm: 'twap',
        side: 'sell',
        quantity: '2',
        schedule: [
          { at: at(1), cumulative: '0.4' },
          { at: at(121), cumulative: '0.8' },
          { at: at(241), cumulative: '1.2' },
          { at: at(361), cumulative: '1.6' },
          { at: at(481), cumulative: '2' },
        ],
        explanation: 'twap: even slices; urgency 0.00, so 600 s of at most 600 s',
      },
    ]);
    expect(children(site)).toEqual([
      [1, '0.4'],
      [121, '0.4'],
      [241, '0.4'],
      [361, '0.4'],
      [481, '0.4'],
    ]);
    expect(site.payloads('OrderIntended').every(({ parentId }) => parentId !== undefined)).toBe(true);
    expect(site.payloads('ParentOrderCompleted')).toMatchObject([
      { filled: '2', unfilled: '0', averagePrice: '90000', children: 5, reason: 'FILLED' },
    ]);
    expect(site.core.nextWake(site.state)).toBeUndefined();
  });

  it('is not started without instructions, for small or urgent trades, or against a check', () => {
    const immediate = (execution: Json, quantity = '1'): string[] => {
      const site = new Worksite(execution);
      site.decide('d1', 1, { quantity });
      return site.types();
    };
    expect(immediate({ algorithm: 'immediate' })).toEqual(['OrderIntended']);
    expect(immediate({ ...TWAP, minNotionalUsd: '90001' })).toEqual(['OrderIntended']);
    expect(immediate({ ...TWAP, immediateAbove: 0 })).toEqual(['OrderIntended']);
    expect(immediate(TWAP, '51')).toEqual(['OrderRefused']);
    expect(immediate({ ...TWAP, minNotionalUsd: '90000' })).toEqual(['ParentOrderStarted', 'OrderIntended']);
  });

  it('shortens its horizon with urgency, and says what the urgency was made of', () => {
    const site = new Worksite(TWAP);
    const assessment = {
      underlying: 'BTC',
      spot: 90_000,
      delta: -0.2,
      gamma: 0,
      vega: 0,
      inFlightDelta: 0,
      exposure: -0.2,
      target: 0,
      bandLower: -0.1,
      bandUpper: 0.1,
      ingredients: [],
      breached: true,
      exposureAfter: 0,
    };
    const decision = {
      decisionId: 'd',
      book: 'desk',
      at: at(1),
      snapshotId: 's',
      policyKind: 'k',
      policyHash: 'p',
    };
    const trade = {
      instrument: PERP,
      quantity: '0.2',
      referencePrice: '90000',
      delta: 0.2,
      urgency: 'immediate',
    };
    const rest = { candidates: [], checks: [], reasons: [] };
    const quietBefore = { evaluations: 0, from: '', to: '', maxBandUse: 0 };
    const payload = { ...decision, ...rest, assessments: [assessment], trades: [trade], quietBefore };
    site.commit([{ type: 'HedgeDecided', payload }], 1);
    const [parent] = site.payloads('ParentOrderStarted');
    expect(parent?.urgency).toBeCloseTo(0.5, 12);
    expect(parent?.endsAt).toBe(at(301));
    expect(parent?.ingredients).toContainEqual({ name: 'exposure ÷ half band', value: 2, unit: '' });
    expect(parent?.explanation).toContain('urgency 0.50 (breach 0.50)');
  });

  it('rests first and takes what its slice did not bring', () => {
    const site = new Worksite({ ...TWAP, style: 'passive', slices: 2 });
    site.decide('d1', 1, { quantity: '1' });
    expect(site.last()).toMatchObject({ quantity: '0.5', timeInForce: 'POST_ONLY' });
    const [first] = site.payloads('OrderIntended');
    site.report({ kind: 'acknowledged', clientOrderId: first?.clientOrderId ?? '', venueOrderId: 'v' }, 1.2);
    site.wake(301);
    expect(site.effects.at(-1)).toMatchObject({ kind: 'cancel', reason: 'SLICE_OVER' });
    site.report({ kind: 'cancelled', clientOrderId: first?.clientOrderId ?? '', reason: 'REQUESTED' }, 301.2);
    expect(site.payloads('OrderIntended').slice(1)).toMatchObject([
      { quantity: '0.5', timeInForce: 'IOC' },
      { quantity: '0.5', timeInForce: 'POST_ONLY' },
    ]);
  });

  /** A child that rests at 90000 while the touch is at 90050, looked at when it may move. */
  function leftBehind(limits = {}): { readonly site: Worksite; readonly id: string } {
    const site = new Worksite({ algorithm: 'peg', horizon: 'PT2M', repriceInterval: 'PT10S' }, 'peg', limits);
    site.decide('d1', 1, { quantity: '1' });
    const [first] = site.payloads('OrderIntended');
    expect(first).toMatchObject({ timeInForce: 'POST_ONLY', limitPrice: '90000', restUntil: at(121) });
    const id = first?.clientOrderId ?? '';
    site.report({ kind: 'acknowledged', clientOrderId: id, venueOrderId: 'v' }, 1.2);
    site.mark('90050', 5);
    site.wake(5.1);
    expect(site.effects.map(({ kind }) => kind)).toEqual(['submit']);
    site.wake(11);
    return { site, id };
  }

  it('pegs to the touch by changing what rests, checked like an order, and takes the rest at the end', () => {
    const { site, id } = leftBehind();
    expect(site.effects.at(-1)).toMatchObject({
      kind: 'amend',
      clientOrderId: id,
      limitPrice: '90050',
      quantity: '1',
    });
    const [wanted] = site.payloads('AmendIntended');
    expect(wanted?.checks.map(({ name }) => name)).toEqual(
      site.payloads('OrderIntended')[0]?.checks.map(({ name }) => name),
    );
    site.report({ kind: 'amended', clientOrderId: id, quantity: '1', limitPrice: '90050' }, 11.2);
    expect(site.payloads('OrderAmended')).toMatchObject([{ limitPrice: '90050', remaining: '1' }]);
    site.mark('90090', 12);
    site.wake(20.9);
    expect(site.payloads('AmendIntended')).toHaveLength(1);
    site.wake(21);
    expect(site.payloads('AmendIntended').at(-1)).toMatchObject({ limitPrice: '90090' });
    site.runRandomly(1000);
    expect(site.payloads('ParentOrderCompleted')).toHaveLength(1);
    expect(site.payloads('OrderIntended').length).toBeGreaterThan(1);
  });

  it('takes a child back and sends another where the venue will not change it', () => {
    const { site, id } = leftBehind();
    site.report({ kind: 'amend-rejected', clientOrderId: id, reason: 'UNSUPPORTED' }, 11.2);
    site.wake(21.2);
    expect(site.effects.at(-1)).toMatchObject({ kind: 'cancel', clientOrderId: id, reason: 'REPRICE' });
    site.report({ kind: 'cancelled', clientOrderId: id, reason: 'REQUESTED' }, 21.4);
    expect(site.last()).toMatchObject({ limitPrice: '90050', timeInForce: 'POST_ONLY' });
    expect(site.payloads('AmendIntended')).toHaveLength(1);
  });

  it('holds a change to the same limits as an order: one that is refused leaves nothing behind', () => {
    const { site, id } = leftBehind({ maxOrdersPerMinute: 1 });
    expect(site.payloads('AmendRefused')).toMatchObject([
      { clientOrderId: id, reasons: ['MESSAGE_RATE'], limitPrice: '90050' },
    ]);
    expect(site.effects.filter(({ kind }) => kind === 'amend')).toEqual([]);
    site.wake(21);
    expect(site.effects.at(-1)).toMatchObject({ kind: 'cancel', reason: 'REPRICE' });
  });

  it('follows the volume that the market reports', () => {
    const site = new Worksite({ algorithm: 'pov', participation: 0.1, horizon: 'PT10M' });
    site.decide('d1', 1, { quantity: '1' });
    expect(site.types()).toEqual(['ParentOrderStarted']);
    const traded = (volume: string, seconds: number): void => {
      const eventTime = at(seconds);
      const mark = { instrument: PERP, kind: 'price', price: '90000', volume, eventTime } as const;
      const rest = { receivedTime: eventTime, source: 's', status: 'OK', reasons: [] } as const;
      const instant = {
        number: 1,
        eventTime,
        marks: [{ ...mark, ...rest }],
        fundings: [],
        deliveries: [],
        wakes: [],
      };
      site.feed({ kind: 'instant', instant });
      site.seconds = seconds;
      site.runFilling(seconds + 1);
    };
    traded('2.5', 60);
    traded('3', 120);
    expect(site.payloads('OrderIntended').map(({ quantity }) => quantity)).toEqual(['0.25', '0.3']);
    traded('100', 180);
    expect(site.payloads('ParentOrderCompleted')).toMatchObject([{ filled: '1', reason: 'FILLED' }]);
  });

  it('shows an iceberg a piece at a time', () => {
    const site = new Worksite({ algorithm: 'iceberg', display: '0.3', horizon: 'PT10M' });
    site.decide('d1', 1, { quantity: '1' });
    site.runFilling(500);
    const pieces = site.payloads('OrderIntended');
    expect(pieces.map(({ quantity }) => quantity)).toEqual(['0.3', '0.3', '0.3', '0.1']);
    expect(pieces.every(({ timeInForce }) => timeInForce === 'POST_ONLY')).toBe(true);
  });

  it('front-loads after Almgren and Chriss, the more the dearer risk is', () => {
    const first = (riskAversion: number): number => {
      const site = new Worksite({ ...TWAP, algorithm: 'almgren-chriss', riskAversion, dailyVolume: 10_000 });
      site.decide('d1', 1, { quantity: '20' });
      return Number(site.payloads('ParentOrderStarted')[0]?.schedule[0]?.cumulative);
    };
    expect(first(0)).toBe(4);
    expect(first(1e-4)).toBeGreaterThan(first(1e-5));
    expect(first(1e-5)).toBeGreaterThan(4);
  });

  it('weighs slices by the hour for VWAP', () => {
    const profile = Array.from({ length: 24 }, (_, hour) => (hour === 0 ? 1 : 3));
    const site = new Worksite({ algorithm: 'vwap', profile, horizon: 'PT2H', slices: 2 });
    site.decide('d1', 0, { quantity: '1' });
    expect(site.payloads('ParentOrderStarted')[0]?.schedule.map(({ cumulative }) => cumulative)).toEqual([
      '0.25',
      '1',
    ]);
  });

  it('takes its children back under a kill latch and ends', () => {
    const site = new Worksite({ algorithm: 'peg', horizon: 'PT10M' });
    site.decide('d1', 1, { quantity: '1' });
    const [first] = site.payloads('OrderIntended');
    site.report({ kind: 'acknowledged', clientOrderId: first?.clientOrderId ?? '', venueOrderId: 'v' }, 1.2);
    site.commit(
      [{ type: 'KillEngaged', payload: { scope: 'firm', by: 'Ada', reason: 'test', at: at(2) } }],
      2,
    );
    expect(site.effects.at(-1)).toMatchObject({ kind: 'cancel', reason: 'KILL_ENGAGED' });
    site.report({ kind: 'cancelled', clientOrderId: first?.clientOrderId ?? '', reason: 'REQUESTED' }, 2.2);
    expect(site.last()).toMatchObject({ reason: 'STOPPED', unfilled: '1' });
    expect(site.payloads('OrderIntended')).toHaveLength(1);
  });
});

/** What children had filled and could still fill when each was sent, from the record alone. */
function worstSpending(events: readonly DomainEvent[], parentId: string): Decimal {
  const open = new Map<string, Decimal>();
  let filled = Decimal.ZERO;
  let worst = Decimal.ZERO;
  for (const event of events) {
    if (event.type === 'OrderIntended' && event.payload.parentId === parentId) {
      open.set(event.payload.clientOrderId, Decimal.parse(event.payload.quantity));
      worst = worst.max([...open.values()].reduce((sum, part) => sum.plus(part), filled));
    } else if (event.type === 'OrderFilled') {
      filled = filled.plus(Decimal.parse(event.payload.quantity).abs());
      if (open.has(event.payload.clientOrderId))
        open.set(event.payload.clientOrderId, Decimal.parse(event.payload.remaining));
    } else if (event.type === 'FillBusted')
      filled = filled.minus(Decimal.parse(event.payload.quantity).abs());
    else if (['OrderCancelled', 'OrderRejected'].includes(event.type) && 'clientOrderId' in event.payload)
      open.delete(event.payload.clientOrderId);
    // An expired order was given up without an answer: what it may still have done stays counted.
  }
  return worst;
}

describe('after a crash', () => {
  it.each(['twap', 'peg', 'almgren-chriss', 'avellaneda-stoikov'])(
    '%s goes on from the journal as if nothing had happened',
    (algorithm) => {
      const execution = { ...TWAP, algorithm, style: 'passive', fillDistanceBps: 2 };
      const site = new Worksite(execution, 'crash');
      site.decide('d1', 1, { quantity: '1.5' });
      site.runRandomly(5000);
      for (let cut = 1; cut < site.history.length; cut += 3) {
        const again = new Worksite(execution, 'crash');
        again.recover(site.history.slice(0, cut));
        for (const { input } of site.history.slice(cut)) again.feed(input);
        expect(again.events).toEqual(site.history.slice(cut).flatMap(({ events }) => events));
        expect(again.core.nextWake(again.state)).toBe(site.core.nextWake(site.state));
      }
      expect(site.payloads('ParentOrderCompleted')).toHaveLength(1);
    },
  );
});

describe('whatever the venue does: partial and late fills, busts, rejections, lost cancels', () => {
  const runs = SOAK ? 400 : 12;
  let unusual = 0;
  afterAll(() => expect(unusual).toBeGreaterThan(20));
  it.each([
    ['twap', { ...TWAP }],
    ['twap passive', { ...TWAP, style: 'passive' }],
    ['vwap', { ...TWAP, algorithm: 'vwap', profile: Array.from({ length: 24 }, () => 1) }],
    ['peg', { algorithm: 'peg', horizon: 'PT5M' }],
    ['iceberg', { algorithm: 'iceberg', display: '0.2', horizon: 'PT5M' }],
    ['almgren-chriss', { ...TWAP, algorithm: 'almgren-chriss' }],
    ['auto', { ...TWAP, algorithm: 'auto' }],
  ])(
    '%s never spends more than was approved, comes to an end, and tells the same story again',
    (_name, execution) => {
      for (let run = 0; run < runs; run += 1) {
        const tell = (): Worksite => {
          const site = new Worksite(execution, `${_name}/${run}`);
          site.decide('d1', 1, { quantity: run % 2 === 0 ? '1.234' : '-0.7' });
          site.runRandomly(5000);
          return site;
        };
        const site = tell();
        const [parent] = site.payloads('ParentOrderStarted');
        const approved = Decimal.parse(parent?.quantity ?? '');
        const worst = worstSpending(site.events, parent?.parentId ?? '');
        expect(worst.greaterThan(approved)).toBe(false);
        const [end, ...more] = site.payloads('ParentOrderCompleted');
        expect(more).toEqual([]);
        expect(end).toBeDefined();
        const after = site.events.slice(site.events.findIndex(({ type }) => type === 'ParentOrderCompleted'));
        expect(after.map(({ type }) => type)).not.toContain('OrderIntended');
        unusual += site.payloads('FillBusted').length;
        unusual += site.payloads('OrderFilled').filter((fill) => fill.late).length;
        if (run < 3) expect(tell().events).toEqual(site.events);
      }
    },
  );
});
