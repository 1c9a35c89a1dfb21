import type { DomainEvent, MarkStatus } from '@evenkeel/facts';
import { Decimal, formatInstant, parseInstant } from '@evenkeel/kernel';
import fc from 'fast-check';
import { BTC_PERP, createProgram, fillApplied, intended, orderFilled } from '../test/scenario';
import { inFlightOf } from './in-flight';

/** What the world may do next. Sizes are in lots of 0.001. */
type Happening =
  | { readonly kind: 'snapshot'; readonly market: number; readonly status: MarkStatus }
  | { readonly kind: 'intend' | 'refuse' | 'reject' | 'unresolve' | 'apply' }
  | { readonly kind: 'fill'; readonly share: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('snapshot' as const),
      market: fc.integer({ min: -300, max: 300 }),
      status: fc.constantFrom<MarkStatus>('OK', 'OK', 'OK', 'DEGRADED', 'HALTED'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'intend' as const,
        'intend' as const,
        'refuse' as const,
        'reject' as const,
        'unresolve' as const,
        'apply' as const,
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('fill' as const), share: fc.integer({ min: 1, max: 3 }) }),
  },
);

/** A world that keeps its own account of orders and position, apart from the program's. */
class World {
  readonly program = createProgram({ kind: 'delta-band', band: '0.0503' });
  private minute = 0;
  private serial = 0;
  private decided: { id: string; lots: number }[] = [];
  private working: { id: string; lots: number; unresolved: boolean }[] = [];
  private unapplied: { id: string; lots: number }[] = [];
  private position = 0;
  private optionLots = 0;
  readonly decisions: DomainEvent[] = [];

  constructor(private readonly reloads: boolean) {}

  happen(what: Happening): void {
    this.minute += 1;
    if (this.reloads) this.program.reload();
    if (what.kind === 'snapshot') this.snapshot(what);
    else if (what.kind === 'fill') this.fill(what.share);
    else this.orderStep(what.kind);
    expect(Math.round((inFlightOf(this.state()).contracts.get(BTC_PERP) ?? 0) * 1000)).toBe(this.inFlight());
  }

  private state() {
    const state = this.program.state().programs['b'];
    if (state === undefined) throw new Error('the program exists from its policy on');
    return state;
  }

  private get at(): string {
    return formatInstant(parseInstant('2026-01-01T00:00:00Z') + BigInt(this.minute) * 60_000_000_000n);
  }

  private inFlight(): number {
    return [...this.decided, ...this.working, ...this.unapplied].reduce((total, { lots }) => total + lots, 0);
  }

  private snapshot(what: { readonly market: number; readonly status: MarkStatus }): void {
    this.optionLots = what.market;
    const delta = (this.optionLots + this.position) / 1000;
    const said = this.program.snapshot(this.at, [{ delta, spotStatus: what.status }]);
    const before = this.inFlight();
    for (const event of said) {
      if (event.type !== 'HedgeDecided' && event.type !== 'HedgeDeclined') continue;
      this.decisions.push(event);
      const traded = event.payload.trades.map(({ quantity }) => Math.round(Number(quantity) * 1000));
      expect(traded.length > 0).toBe(event.type === 'HedgeDecided');
      if (traded.length === 0) continue;
      // Never on a halted price, never beside an order of unknown outcome, never inside the band, always to the target.
      expect(what.status).not.toBe('HALTED');
      expect(this.working.some(({ unresolved }) => unresolved)).toBe(false);
      expect(Math.abs(Math.round(delta * 1000) + before)).toBeGreaterThan(
        what.status === 'DEGRADED' ? 100.6 : 50.3,
      );
      expect(Math.round(delta * 1000) + before + (traded[0] ?? 0)).toBe(0);
      this.decided.push({ id: event.payload.decisionId, lots: traded[0] ?? 0 });
    }
  }

  private orderStep(kind: 'intend' | 'refuse' | 'reject' | 'unresolve' | 'apply'): void {
    if (kind === 'apply') return this.apply();
    if (kind === 'intend' || kind === 'refuse') return this.takeUp(kind);
    const order = this.working[0];
    if (order === undefined) return;
    const base = { clientOrderId: order.id, book: 'b', instrument: BTC_PERP, at: this.at };
    if (kind === 'unresolve') {
      order.unresolved = true;
      this.program.order(this.at, { type: 'OrderUnresolved', payload: { ...base, attempt: 1 } });
    } else {
      this.working.shift();
      this.program.order(this.at, {
        type: 'OrderRejected',
        payload: { ...base, unfilled: size(order.lots), reason: 'no' },
      });
    }
  }

  private takeUp(kind: 'intend' | 'refuse'): void {
    const next = this.decided.shift();
    if (next === undefined) return;
    this.serial += 1;
    const id = `o-${this.serial}`;
    const side = next.lots > 0 ? 'buy' : 'sell';
    const common = {
      clientOrderId: id,
      decisionId: next.id,
      book: 'b',
      instrument: BTC_PERP,
      side,
      quantity: size(next.lots),
      at: this.at,
    } as const;
    if (kind === 'refuse') {
      this.program.order(this.at, { type: 'OrderRefused', payload: { ...common, checks: [], reasons: [] } });
    } else {
      this.working.push({ id, lots: next.lots, unresolved: false });
      this.program.order(this.at, intended(next.id, common));
    }
  }

  private fill(share: number): void {
    const order = this.working[0];
    if (order === undefined) return;
    const part = share === 3 ? order.lots : Math.trunc(order.lots / (4 - share)) || order.lots;
    order.lots -= part;
    order.unresolved = false;
    this.serial += 1;
    const fillId = `f-${this.serial}`;
    this.program.order(
      this.at,
      orderFilled({
        clientOrderId: order.id,
        fillId,
        quantity: signed(part),
        remaining: size(order.lots),
        at: this.at,
      }),
    );
    if (order.lots === 0) this.working.shift();
    this.unapplied.push({ id: fillId, lots: part });
  }

  private apply(): void {
    const fill = this.unapplied.shift();
    if (fill === undefined) return;
    this.position += fill.lots;
    this.program.order(this.at, fillApplied(fill.id), 'risk');
  }
}

function signed(lots: number): string {
  return Decimal.ofUnits(BigInt(lots), 3).toString();
}

function size(lots: number): string {
  return signed(Math.abs(lots));
}

describe('whatever happens to orders and prices', () => {
  const runs = { seed: 20260104, numRuns: 120, endOnFailure: true };

  it('contracts in flight are counted exactly once, and trades only ever size the rest', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 10, maxLength: 60, size: 'max' }), (happenings) => {
        const world = new World(false);
        for (const what of happenings) world.happen(what);
      }),
      runs,
    );
  });

  it('a restart between any two inputs changes no decision', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 10, maxLength: 40, size: 'max' }), (happenings) => {
        const [straight, restarted] = [new World(false), new World(true)];
        for (const what of happenings) {
          straight.happen(what);
          restarted.happen(what);
        }
        expect(restarted.decisions).toEqual(straight.decisions);
      }),
      { ...runs, numRuns: 50 },
    );
  });
});
