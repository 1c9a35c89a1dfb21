import { contractValue, fundingPayment, unrealisedPnl } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

import { cashOf } from './sim-account';
import { simContractOf } from './sim-instrument';
import type { SimExchange } from './sim-exchange';

/** Maintenance margin of perpetuals and futures, fraction of notional. */
const MAINTENANCE = Decimal.parse('0.01');

export interface SimMargin {
  /** Coins: cash, realised and open profit; options count their premium paid or received only. */
  readonly equity: Decimal;
  readonly maintenance: Decimal;
}

/** Equity against maintenance margin of an account in one currency, perpetuals and futures at the fair price. */
export function marginOf(exchange: SimExchange, account: string, currency: string): SimMargin {
  const { balance, sessionProfit, positions } = cashOf(exchange, account, currency);
  let equity = balance.plus(sessionProfit);
  let maintenance = Decimal.ZERO;
  for (const [name, position] of positions) {
    const held = heldOf(exchange, name);
    if (held === undefined || position.quantity.isZero()) continue;
    equity = equity.plus(unrealisedPnl(held.contract, position, held.fair));
    maintenance = maintenance.plus(
      contractValue(held.contract, position.quantity, held.fair).abs().times(MAINTENANCE),
    );
  }
  return { equity, maintenance };
}

/** Every account pays funding on its perpetuals: rate × notional at the fair price, longs to shorts when positive. */
export function payFunding(exchange: SimExchange, rate: number): void {
  for (const account of exchange.accounts()) {
    for (const { name, settlement, settlementPeriod } of exchange.instruments) {
      const position = cashOf(exchange, account, settlement).positions.get(name);
      const held = heldOf(exchange, name);
      if (settlementPeriod !== 'perpetual' || held === undefined || position?.quantity.isZero() !== false)
        continue;
      exchange.payments.push({
        account,
        currency: settlement,
        instrument: name,
        amount: fundingPayment(held.contract, position.quantity, held.fair, Decimal.ofNumber(rate, 12)),
      });
    }
  }
}

/**
 * Closes out every account whose equity is below its maintenance margin: its orders are cancelled, its perpetuals and futures
 * are closed at the market by reduce-only orders labelled `liquidation`. Returns the accounts.
 */
export function liquidate(exchange: SimExchange, nowMs: number): string[] {
  const closed: string[] = [];
  for (const account of exchange.accounts()) {
    for (const currency of new Set(exchange.instruments.map((instrument) => instrument.settlement))) {
      const { equity, maintenance } = marginOf(exchange, account, currency);
      if (!maintenance.isPositive() || !equity.lessThan(maintenance)) continue;
      closed.push(account);
      exchange.cancelAll(
        account,
        nowMs,
        (order) => exchange.listing(order.instrument)?.instrument.settlement === currency,
      );
      for (const instrument of exchange.instruments)
        if (instrument.settlement === currency && instrument.kind !== 'option')
          closeOut(exchange, account, instrument.name, nowMs);
    }
  }
  return closed;
}

/** A market order for all that is held, as far as the book goes. */
function closeOut(exchange: SimExchange, account: string, instrument: string, nowMs: number): void {
  const listing = exchange.listing(instrument);
  const held = exchange.position(account, instrument);
  if (listing === undefined || held === 0) return;
  exchange.place(
    account,
    {
      instrument,
      direction: held > 0 ? 'sell' : 'buy',
      amount: listing.grid.amountOf(Math.abs(held)).toString(),
      type: 'market',
      label: `liquidation-${instrument}-${nowMs}`,
      timeInForce: 'immediate_or_cancel',
      postOnly: false,
      rejectPostOnly: false,
      reduceOnly: true,
    },
    nowMs,
  );
}

function heldOf(exchange: SimExchange, name: string) {
  const listing = exchange.listing(name);
  if (listing === undefined || listing.instrument.kind === 'option') return undefined;
  return { contract: simContractOf(listing.instrument), fair: listing.grid.priceOf(listing.flow.fair) };
}
