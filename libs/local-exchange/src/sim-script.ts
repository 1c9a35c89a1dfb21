import type { Accident } from '@evenkeel/venues';

import { liquidate, payFunding } from './sim-margin';
import type { SimExchange } from './sim-exchange';

/** Accidents of the connection, each used up by the next order. */
export interface ConnectionFaults {
  /** The order is taken, but the connection is cut before any answer: the client can't know. */
  loseAnswerNext: boolean;
  /** The connection is cut before the order is read: it never arrived, and the client can't know that either. */
  loseOrderNext: boolean;
}

/** An exchange with its wire, as far as accidents befall it. */
export interface ServedExchange {
  readonly exchange: SimExchange;
  readonly connectionFaults: ConnectionFaults;
  /** Answers this many requests of every connection with a refusal: too many. */
  throttle(requests: number): void;
  /** Cuts every connection without a goodbye. */
  cut(): void;
  /** The exchange's own clock. */
  nowMs(): number;
}

/** Carries out a script of accidents; returns the way to end it. `note` hears of each as it happens. */
export function runSimScript(
  sim: ServedExchange,
  script: readonly Accident[],
  note: (accident: Accident) => void = () => undefined,
): () => void {
  const timers = script.map((accident) =>
    setTimeout(() => {
      happen(sim, accident);
      note(accident);
    }, accident.afterMs),
  );
  return () => timers.forEach((timer) => clearTimeout(timer));
}

function happen(sim: ServedExchange, { what, value = 1 }: Accident): void {
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
      exchange.faults.rejectNext = 'maintenance';
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
