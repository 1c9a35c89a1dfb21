import type {
  AggregateRef,
  Assessment,
  DomainEvent,
  HedgeDecision,
  LegValuation,
  ProfitAndLoss,
  SnapshotTrigger,
} from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { Decimal, assert, canonicalJson, uuidV5 } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';

const PERPETUAL = 'BTC-PERPETUAL@deribit';
const NO_PNL: ProfitAndLoss = {
  unhedged: '0',
  hedged: '0',
  options: '0',
  hedge: '0',
  fees: '0',
  funding: '0',
  settlement: '0',
};
const POLICY = '{"band":"0.05","kind":"delta-band"}';

export type SampleStep = readonly [aggregate: AggregateRef, events: readonly DomainEvent[]];

/** One made-up book: invented numbers of a plausible size, consistent where the read models look. */
export class SampleBook {
  private readonly book: AggregateRef;
  private readonly program: AggregateRef;
  private position = Decimal.ZERO;
  private positionsVersion = 0;
  private orders = 0;
  private fees = Decimal.ZERO;

  constructor(
    readonly name: string,
    private readonly random: Random,
    private readonly legs: number,
  ) {
    this.book = { context: 'risk', type: 'book', id: name };
    this.program = { context: 'strategy', type: 'hedge-program', id: name };
  }

  *opening(at: string): Iterable<SampleStep> {
    const { name: book } = this;
    const planned = this.instruments().map((instrument) => ({
      instrument,
      quantity: '-1',
      price: '0.05',
      at,
    }));
    const evaluation = {
      priceMoveBps: '10',
      maxInterval: 'PT5M',
      maxPriceAge: 'PT10M',
      maxVolatilityAge: 'PT1H',
    };
    const opened = {
      book,
      numeraire: 'USD',
      at,
      planned,
      specifications: [PERPETUAL, ...this.instruments()].map(specification),
      hedgeInstruments: [PERPETUAL],
      evaluation,
      fileHash: uuidV5(book),
    };
    yield [this.book, [{ type: 'BookOpened', payload: opened }]];
    const policy = {
      book,
      at,
      policy: POLICY,
      policyHash: 'policy',
      targetDelta: '0',
      hedgeInstruments: [PERPETUAL],
      specifications: [],
    };
    yield [this.program, [{ type: 'PolicySet', payload: policy }]];
    yield [
      this.book,
      planned.map(({ instrument, quantity, price }, index) => ({
        type: 'PositionAdopted',
        payload: {
          book,
          instrument,
          quantity,
          price,
          at,
          cash: { currency: 'BTC', amount: '0.05' },
          positionAfter: quantity,
          index,
        },
      })),
    ];
  }

  *step(step: number, at: string): Iterable<SampleStep> {
    const spot = 90_000 + Math.round(this.random.next() * 4_000);
    const snapshotId = uuidV5(`${this.name}/${at}/${this.positionsVersion}`);
    yield [this.book, [this.snapshot(snapshotId, at, spot, 'interval')]];
    if (step % 97 === 0) yield* this.interruption(at);
    if (step % 96 === 0) yield [this.book, [this.funding(at, spot)]];
    const draw = this.random.integer(9);
    if (draw === 0)
      yield [this.program, [this.decision('HedgeDeclined', snapshotId, at, spot, '0', ['ORDER_IN_FLIGHT'])]];
    if (draw < 7) return;
    const quantity = Decimal.ofUnits(BigInt(this.random.integer(40) + 1) * (draw === 7 ? 1n : -1n), 2);
    const decision = this.decision('HedgeDecided', snapshotId, at, spot, quantity.toString(), [
      'BAND_BREACHED',
    ]);
    yield [this.program, [decision]];
    yield* this.order(decision.payload.decisionId, quantity, spot, at);
  }

  private *order(decisionId: string, quantity: Decimal, spot: number, at: string): Iterable<SampleStep> {
    this.orders += 1;
    const clientOrderId = uuidV5(`${decisionId}/${this.orders}`);
    const aggregate: AggregateRef = { context: 'execution', type: 'hedge-order', id: clientOrderId };
    const { name: book } = this;
    const side = quantity.isNegative() ? 'sell' : 'buy';
    const size = quantity.abs().toString();
    const order = {
      clientOrderId,
      decisionId,
      book,
      instrument: PERPETUAL,
      side,
      quantity: size,
      at,
    } as const;
    const checks = [{ name: 'PRICE_COLLAR', limit: '50', observed: '12', passed: this.orders % 13 !== 0 }];
    if (this.orders % 13 === 0) {
      yield [aggregate, [{ type: 'OrderRefused', payload: { ...order, checks, reasons: ['PRICE_COLLAR'] } }]];
      return;
    }
    const limitPrice = String(spot + 50);
    const terms = {
      venue: 'deribit',
      orderType: 'limit',
      timeInForce: 'IOC',
      limitPrice,
      referencePrice: String(spot),
      timeoutAt: at,
    };
    yield [aggregate, [{ type: 'OrderIntended', payload: { ...order, ...terms, checks } }]];
    if (this.orders % 17 === 0) {
      const closed = { clientOrderId, book, instrument: PERPETUAL, at, unfilled: size, reason: 'VENUE_BUSY' };
      yield [aggregate, [{ type: 'OrderRejected', payload: closed }]];
      return;
    }
    yield [
      aggregate,
      [{ type: 'OrderAcknowledged', payload: { clientOrderId, venueOrderId: `v-${this.orders}`, at } }],
    ];
    const parts = this.orders % 3 === 0 ? 2 : 1;
    let remaining = quantity.abs();
    for (let part = 1; part <= parts; part += 1) {
      const filled = part === parts ? remaining : remaining.dividedBy(Decimal.ofInteger(2), 3);
      remaining = remaining.minus(filled);
      const signed = quantity.isNegative() ? filled.negated() : filled;
      yield* this.fill(aggregate, clientOrderId, `f-${this.orders}-${part}`, signed, spot, remaining, at);
    }
    yield [this.book, [this.snapshot(uuidV5(`${book}/${at}/${this.positionsVersion}`), at, spot, 'fill')]];
  }

  private *fill(
    aggregate: AggregateRef,
    clientOrderId: string,
    fillId: string,
    quantity: Decimal,
    spot: number,
    remaining: Decimal,
    at: string,
  ): Iterable<SampleStep> {
    const fee = {
      currency: 'USD',
      amount: quantity
        .abs()
        .times(Decimal.parse(String(spot * 0.0005)))
        .negated()
        .toString(),
    };
    const common = {
      book: this.name,
      instrument: PERPETUAL,
      clientOrderId,
      fillId,
      quantity: quantity.toString(),
      price: String(spot),
      fee,
      at,
    };
    yield [
      aggregate,
      [
        {
          type: 'OrderFilled',
          payload: { ...common, liquidity: 'taker', remaining: remaining.toString(), late: false },
        },
      ],
    ];
    this.position = this.position.plus(quantity);
    this.positionsVersion += 1;
    this.fees = this.fees.plus(Decimal.parse(fee.amount));
    const after = { positionAfter: this.position.toString(), averagePriceAfter: String(spot) };
    yield [
      this.book,
      [
        {
          type: 'FillApplied',
          payload: { ...common, realised: { currency: 'USD', amount: '1.25' }, ...after },
        },
      ],
    ];
  }

  private *interruption(at: string): Iterable<SampleStep> {
    const instrument: AggregateRef = { context: 'price', type: 'instrument', id: PERPETUAL };
    const observed = [
      {
        source: 'deribit',
        instrument: PERPETUAL,
        price: '1',
        eventTime: at,
        ageSeconds: 900,
        reasons: ['STALE'],
      },
    ];
    const halted = { instrument: PERPETUAL, at, reasons: ['STALE'], observed };
    yield [{ ...instrument, id: `${this.name}/${PERPETUAL}` }, [{ type: 'PriceHalted', payload: halted }]];
    const stretch = { evaluations: 12, from: at, to: at, maxBandUse: 0.8 };
    yield [this.program, [{ type: 'EvaluationsSummarised', payload: { book: this.name, at, stretch } }]];
    const account: AggregateRef = { context: 'execution', type: 'venue-account', id: `deribit/${this.name}` };
    yield [
      account,
      [
        {
          type: 'KillEngaged',
          payload: { scope: this.name, by: 'desk', reason: 'drill "one"\tof\\two\n', at },
        },
      ],
    ];
  }

  private funding(at: string, spot: number): DomainEvent {
    const payload = {
      book: this.name,
      instrument: PERPETUAL,
      rate: '0.0001',
      position: this.position.toString(),
      price: String(spot),
      at,
    };
    return { type: 'FundingAccrued', payload: { ...payload, cash: { currency: 'USD', amount: '-0.37' } } };
  }

  private decision<T extends 'HedgeDecided' | 'HedgeDeclined'>(
    type: T,
    snapshotId: string,
    at: string,
    spot: number,
    quantity: string,
    reasons: readonly string[],
  ): { readonly type: T; readonly payload: HedgeDecision } {
    const trade = {
      instrument: PERPETUAL,
      quantity,
      referencePrice: String(spot),
      delta: Number(quantity),
      urgency: 'immediate',
    };
    const cost = { fee: 1.5, spread: 0.7, impact: 0.1, funding: 0, gas: 0, margin: 0, total: 2.3 };
    const payload: HedgeDecision = {
      decisionId: uuidV5(`${type}/${snapshotId}`),
      book: this.name,
      at,
      snapshotId,
      policyKind: 'delta-band',
      policyHash: 'policy',
      assessments: [this.assessment(spot)],
      candidates: [
        {
          name: 'to-target',
          trades: [trade],
          expectedCost: cost,
          residualRisk: 12.5,
          score: 14.8,
          chosen: type === 'HedgeDecided',
          rejected: '',
        },
      ],
      trades: type === 'HedgeDecided' ? [trade] : [],
      checks: [{ name: 'LOT_SIZE', limit: '0.01', observed: quantity, passed: true }],
      reasons,
      quietBefore: { evaluations: 2, from: at, to: at, maxBandUse: 0.6 },
    };
    return { type, payload };
  }

  private assessment(spot: number): Assessment {
    const exposure = this.random.next() * 0.4 - 0.2;
    const ingredients = [{ name: 'band', value: 0.05, unit: 'BTC' }];
    const greeks = { delta: exposure, gamma: -0.00002, vega: -410.5, inFlightDelta: 0, exposure, target: 0 };
    return {
      underlying: 'BTC',
      spot,
      ...greeks,
      bandLower: -0.05,
      bandUpper: 0.05,
      ingredients,
      breached: true,
      exposureAfter: 0.001,
    };
  }

  private instruments(): readonly string[] {
    return Array.from(
      { length: this.legs },
      (_, index) => `BTC-30JAN26-${90_000 + index * 1000}-${index % 2 === 0 ? 'C' : 'P'}@deribit`,
    );
  }

  private leg(instrument: string, at: string, spot: number): LegValuation {
    const value = -4_000 + this.random.next() * 500;
    const marks = {
      forward: spot + 12.25,
      strike: 95_000,
      volatility: 0.42 + this.random.next() * 0.05,
      volatilityTime: at,
      expiryYears: 0.067,
    };
    const greeks = {
      delta: -0.5 + this.random.next() * 0.1,
      gamma: -0.0000213,
      vega: -9_321.25,
      theta: 41_250.5,
      vanna: 0.31,
      volga: -120.5,
    };
    return {
      instrument,
      quantity: '-1',
      kind: 'option',
      underlying: 'BTC',
      value,
      unitValue: value / spot,
      ...marks,
      ...greeks,
    };
  }

  private snapshot(snapshotId: string, at: string, spot: number, trigger: SnapshotTrigger): DomainEvent {
    const legs = this.instruments().map((instrument) => this.leg(instrument, at, spot));
    const exposure = {
      delta: this.random.next() - 0.5,
      optionDelta: -0.5,
      balanceDelta: 0.1,
      hedgeDelta: this.position.toNumber(),
    };
    const greeks = {
      gamma: -0.00008,
      vega: -37_285,
      theta: 165_002,
      vanna: 1.2,
      volga: -482,
      volatility: 0.44,
      expiryYears: 0.067,
    };
    const pnl = { ...NO_PNL, fees: this.fees.toString(), hedged: this.fees.toString() };
    const mark = {
      price: String(spot),
      bid: String(spot - 1),
      ask: String(spot + 1),
      status: 'OK',
      reasons: [],
      source: 'deribit',
    } as const;
    return {
      type: 'RiskSnapshotTaken',
      payload: {
        snapshotId,
        book: this.name,
        numeraire: 'USD',
        at,
        trigger,
        positionsVersion: this.positionsVersion,
        model: 'black-76',
        kernelHash: 'sample',
        rate: 0,
        status: 'OK',
        reasons: [],
        marks: [PERPETUAL, 'BTC@composite'].map((instrument) => ({
          instrument,
          ...mark,
          eventTime: at,
          ageSeconds: 0,
        })),
        legs,
        unpriced: [],
        balances: [{ currency: 'BTC', amount: '0.2', value: 0.2 * spot }],
        exposures: [{ underlying: 'BTC', spot, spotStatus: 'OK', ...exposure, ...greeks }],
        equity: String(spot / 5),
        pnl,
      },
    };
  }
}

function specification(instrument: string): string {
  const found = specificationOf(instrument);
  assert(found.ok, `${instrument} is in the catalogue`);
  return canonicalJson({ ...found.value });
}
