import { liquidate, payFunding } from './sim-margin';
import { ERRORS } from './sim-orders';
import type { DeribitSim } from './sim-server';

/** Something that happens to the exchange at a moment of its life. */
export interface SimAccident {
  readonly afterMs: number;
  readonly what:
    /** The fair price of every perpetual jumps by `value` basis points. */
    | 'shock'
    /** The next order is refused. */
    | 'reject'
    /** The next immediate order gets at most `value` lots. */
    | 'partial'
    /** The next order is taken, and the connection is cut before the answer. */
    | 'lose-answer'
    /** The connection is cut before the next order is read. */
    | 'lose-order'
    /** Every connection is cut. */
    | 'cut'
    /** `value` requests of every connection are answered with too_many_requests. */
    | 'throttle'
    | 'outage-begins'
    | 'outage-ends'
    /** Every account pays (or gets) funding on its perpetuals at `value` basis points of notional. */
    | 'funding'
    /** Accounts whose equity is below their maintenance margin are closed out at the market. */
    | 'margin-call';
  readonly value?: number;
}

/** Carries out a script of accidents; returns the way to end it. `note` hears of each as it happens. */
export function runSimScript(
  sim: DeribitSim,
  script: readonly SimAccident[],
  note: (accident: SimAccident) => void = () => undefined,
): () => void {
  const timers = script.map((accident) =>
    setTimeout(() => {
      happen(sim, accident);
      note(accident);
    }, accident.afterMs),
  );
  return () => timers.forEach((timer) => clearTimeout(timer));
}

function happen(sim: DeribitSim, { what, value = 1 }: SimAccident): void {
  const { exchange, connectionFaults } = sim;
  switch (what) {
    case 'shock':
      for (const { name, settlementPeriod } of exchange.instruments) {
        const flow = exchange.listing(name)?.flow;
        if (settlementPeriod === 'perpetual' && flow !== undefined)
          flow.shock(Math.round((flow.fair * value) / 10_000));
      }
      return;
    case 'reject':
      exchange.faults.rejectNext = ERRORS.maintenance;
      return;
    case 'partial':
      exchange.faults.partialNext = value;
      return;
    case 'lose-answer':
      connectionFaults.loseAnswerNext = true;
      return;
    case 'lose-order':
      connectionFaults.loseOrderNext = true;
      return;
    case 'cut':
      return sim.cut();
    case 'throttle':
      return sim.throttle(value);
    case 'outage-begins':
      exchange.faults.outage = true;
      return;
    case 'outage-ends':
      exchange.faults.outage = false;
      return;
    case 'funding':
      return payFunding(exchange, value / 10_000);
    case 'margin-call':
      liquidate(exchange, sim.nowMs());
  }
}
