import { FLAT, applyFill, type ContractPosition } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

import type { SimExchange } from './sim-exchange';
import { contractsOf, simContractOf } from './sim-instrument';

export interface SimCash {
  /** What was paid in, less fees and premiums. */
  readonly balance: Decimal;
  /** Profit of futures that has been realised since the last daily settlement, which does not happen here. */
  readonly sessionProfit: Decimal;
  /** What is held, by instrument name. */
  readonly positions: ReadonlyMap<string, ContractPosition>;
}

/** The cash of an account in one currency, folded from its trades and fundings. */
export function cashOf(exchange: SimExchange, account: string, currency: string): SimCash {
  let balance = exchange.depositOf(currency);
  let sessionProfit = Decimal.ZERO;
  const positions = new Map<string, ContractPosition>();
  const trades = exchange
    .ordersOf(account)
    .flatMap((order) => order.trades)
    .sort((a, b) => a.serial - b.serial);
  for (const trade of trades) {
    const listing = exchange.listing(trade.instrument);
    if (listing === undefined || listing.instrument.settlement !== currency) continue;
    const { instrument, grid } = listing;
    balance = balance.minus(Decimal.parse(trade.fee));
    const contract = simContractOf(instrument);
    const amount = contractsOf(instrument, grid.amountOf(trade.lots));
    const quantity = trade.direction === 'buy' ? amount : amount.negated();
    const before = positions.get(instrument.name) ?? FLAT;
    const { position, cash } = applyFill(contract, before, quantity, grid.priceOf(trade.ticks));
    positions.set(instrument.name, position);
    if (instrument.kind === 'option') balance = balance.plus(cash);
    else sessionProfit = sessionProfit.plus(cash);
  }
  for (const payment of exchange.payments)
    if (payment.account === account && payment.currency === currency)
      sessionProfit = sessionProfit.plus(payment.amount);
  return { balance, sessionProfit, positions };
}
