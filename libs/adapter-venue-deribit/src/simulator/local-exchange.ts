import { parseInstrument, specificationOf, type ParsedInstrument } from '@evenkeel/instruments';
import { Decimal, required } from '@evenkeel/kernel';
import { initialSpot, localExchangeOf } from '@evenkeel/local-exchange';
import type { SimInstrument } from '@evenkeel/local-exchange';
import type { LocalExchange } from '@evenkeel/venues';

import { DERIBIT_KEYS } from '../connector';
import { openDeribitSim } from './sim-server';
import { simOption } from './sim-option';

/** Deribit's protocol on a local socket: the options of the books and the perpetual of every underlying, an account for each book. */
export const LOCAL_EXCHANGE: LocalExchange = localExchangeOf({
  keyPrefix: DERIBIT_KEYS.prefixOf,
  listing: listingOf,
  async open({ instruments, accounts, market, nowMs }) {
    const sim = await openDeribitSim({
      instruments,
      ...accounts,
      listOnDemand: (name) => listingOf([`${name}@deribit`]),
      ...market,
      nowMs,
    });
    return sim;
  },
});

function listingOf(instruments: readonly string[]): SimInstrument[] {
  const parsed = instruments.flatMap((id): ParsedInstrument[] => {
    const read = parseInstrument(id);
    return read.ok && read.value.venue === 'deribit' ? [read.value] : [];
  });
  const underlyings = [...new Set(parsed.map(({ underlying }) => underlying))].sort();
  const perpetuals = underlyings.map((coin) => perpetual(coin, initialSpot(coin, parsed)));
  const rest = parsed.flatMap((instrument) => {
    if (instrument.kind === 'perpetual') return [];
    const spec = specificationOf(instrument.id);
    if (!spec.ok || instrument.expiry === undefined) return [];
    const { tickSize, lotSize, contractSize } = spec.value;
    if (instrument.kind !== 'option')
      return [
        {
          ...perpetual(instrument.underlying, initialSpot(instrument.underlying, parsed)),
          name: instrument.symbol,
          settlementPeriod: 'month',
          tickSize,
          expirationMs: Number(instrument.expiry / 1_000_000n),
        },
      ];
    const amountStep = Decimal.parse(lotSize).times(Decimal.parse(contractSize)).toString();
    return [
      simOption({
        name: instrument.symbol,
        currency: instrument.underlying,
        expiry: instrument.expiry,
        strike: required(instrument.strike, `the strike of ${instrument.id}`).toString(),
        optionType: required(instrument.optionType, `call or put of ${instrument.id}`),
        tickSize,
        amountStep,
        initialPrice: tickSize,
      }),
    ];
  });
  return [...perpetuals, ...new Map(rest.map((listed) => [listed.name, listed])).values()];
}

function perpetual(coin: string, spot: number): SimInstrument {
  const spec = specificationOf(`${coin}-PERPETUAL@deribit`);
  const tickSize = spec.ok ? spec.value.tickSize : '0.05';
  const contractSize = spec.ok ? spec.value.contractSize : '1';
  const ticks = Math.round(spot / Number(tickSize));
  return {
    name: `${coin}-PERPETUAL`,
    kind: 'future',
    venue: 'deribit',
    underlying: coin,
    quote: 'USD',
    settlement: coin,
    settlementPeriod: 'perpetual',
    inverse: true,
    tickSize,
    amountStep: contractSize,
    amountPerContract: contractSize,
    contractSize,
    initialPrice: Decimal.parse(tickSize).times(Decimal.ofInteger(ticks)).toString(),
    makerFee: spec.ok ? spec.value.makerFee : '0',
    takerFee: spec.ok ? spec.value.takerFee : '0.0005',
  };
}
