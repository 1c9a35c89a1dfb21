import { livingOrders, phaseOf } from '@evenkeel/execution';
import type { BookExecution, ExecutionState, LatchBoard } from '@evenkeel/execution';
import { createGauge } from '@evenkeel/telemetry';
import type { Stalls, Wait } from '@evenkeel/telemetry';
import type { Registry } from 'prom-client';

type Known = Pick<ExecutionState, 'books' | 'open' | 'unknown'>;

export interface DeskFiguresOptions {
  readonly registry: Registry;
  readonly stalls: Pick<Stalls, 'watch'>;
  readonly latches: () => LatchBoard['latches'];
  /** Milliseconds that only go forward. */
  readonly nowMs?: () => number;
}

/** What execution has under way and what people have set, for metrics: read when somebody looks. */
export class DeskFigures {
  private states: () => readonly Known[] = () => [];
  /** Orders that nobody has told the fate of, since when. */
  private silent = new Map<string, number>();

  constructor({ registry, stalls, latches, nowMs = () => performance.now() }: DeskFiguresOptions) {
    createGauge(registry, 'evenkeel_orders', (gauge) => {
      gauge.reset();
      for (const state of ['submitted', 'acknowledged', 'partially-filled', 'unknown'])
        gauge.set({ state }, 0);
      for (const state of this.states())
        for (const order of livingOrders(state)) gauge.inc({ state: phaseOf(order) });
    });
    createGauge(registry, 'evenkeel_kills_engaged', (gauge) => {
      gauge.reset();
      for (const [scope, { engaged }] of latches())
        if (engaged) gauge.inc({ scope: scope.split(':')[0] ?? scope });
    });
    createGauge(registry, 'evenkeel_restrictions', (gauge) =>
      gauge.set(
        this.count(
          ({ controls }) => [...controls.restrictions.values()].filter(({ restricted }) => restricted).length,
        ),
      ),
    );
    createGauge(registry, 'evenkeel_overrides', (gauge) =>
      gauge.set(this.count(({ controls }) => controls.overrides.size)),
    );
    stalls.watch(() => this.unanswered(nowMs()));
  }

  follow(states: () => readonly Known[]): void {
    this.states = states;
  }

  private count(of: (book: BookExecution) => number): number {
    let sum = 0;
    for (const { books } of this.states()) for (const book of books.values()) sum += of(book);
    return sum;
  }

  private unanswered(now: number): readonly Wait[] {
    const before = this.silent;
    this.silent = new Map();
    for (const state of this.states())
      for (const order of livingOrders(state))
        if (phaseOf(order) === 'unknown')
          this.silent.set(order.clientOrderId, before.get(order.clientOrderId) ?? now);
    if (this.silent.size === 0) return [];
    const oldest = [...this.silent].reduce((a, b) => (b[1] < a[1] ? b : a));
    const detail = `what became of ${this.silent.size} orders, such as ${oldest[0]}`;
    return [{ for: 'venue', what: 'answer', forMs: now - oldest[1], detail }];
  }
}
