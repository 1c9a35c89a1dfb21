import { randomBytes } from 'node:crypto';

import { parseInstrument, specificationOf, type ParsedInstrument } from '@evenkeel/instruments';
import { Decimal, required } from '@evenkeel/kernel';
import type { ExchangeNeeds, LocalExchange } from '@evenkeel/venues';

import { keyPrefixOf } from '../keys';
import { simOption } from './option-model';
import type { SimInstrument } from './sim-instrument';
import { runSimScript } from './sim-script';
import { openDeribitSim } from './sim-server';
import type { SimClient } from './sim-session';

/** What the process of the exchange is told; made by `prepare` and nobody else. */
interface Config extends Pick<ExchangeNeeds, 'clockOffsetMs' | 'stepMs' | 'seed' | 'moveMax'> {
  readonly instruments: readonly SimInstrument[];
  readonly clients: readonly SimClient[];
  /** Opens the account of any book that logs in with it: books may come while the exchange lives. */
  readonly sharedSecret: string;
}

/** Deribit's protocol on a local socket: the options of the books and the perpetual of every underlying, an account for each book. */
export const LOCAL_EXCHANGE: LocalExchange = {
  prepare({ instruments, books, ...life }) {
    const sharedSecret = randomBytes(24).toString('hex');
    const keys: Record<string, string> = {
      [`${keyPrefixOf()}_KEY`]: 'desk-{book}',
      [`${keyPrefixOf()}_SECRET`]: sharedSecret,
    };
    const clients = books.map((book) => {
      const client = { clientId: `desk-${book}`, clientSecret: randomBytes(24).toString('hex') };
      keys[`${keyPrefixOf(book)}_KEY`] = client.clientId;
      keys[`${keyPrefixOf(book)}_SECRET`] = client.clientSecret;
      return client;
    });
    const config: Config = { ...life, instruments: listingOf(instruments), clients, sharedSecret };
    return { config, keys };
  },
  async open(given) {
    const { instruments, clients, sharedSecret, clockOffsetMs, stepMs, seed, moveMax } = given as Config; // as `prepare` made it
    const sim = await openDeribitSim({
      instruments,
      clients,
      clientOnDemand: (clientId) =>
        clientId.startsWith('desk-') ? { clientId, clientSecret: sharedSecret } : undefined,
      listOnDemand: (name) => listingOf([`${name}@deribit`]),
      stepMs,
      flow: { seed, moveMax, lotsMax: 40_000 },
      nowMs: () => Date.now() + clockOffsetMs,
    });
    return {
      url: sim.url,
      play: (script, note) => runSimScript(sim, script, note),
      close: () => sim.close(),
    };
  },
};

/**
 * Where the exchange begins when no strike says where a book was struck, USD. It is a market of ours: any price would do, and these are of
 * a size that books are written for.
 */
const INITIAL_PRICES: Readonly<Record<string, number>> = { BTC: 90_000, ETH: 3_000 };
const INITIAL_PRICE_OF_OTHERS = 100;

function listingOf(instruments: readonly string[]): SimInstrument[] {
  const parsed = instruments.flatMap((id): ParsedInstrument[] => {
    const read = parseInstrument(id);
    return read.ok && read.value.venue === 'deribit' ? [read.value] : [];
  });
  const underlyings = [...new Set(parsed.map(({ underlying }) => underlying))].sort();
  const perpetuals = underlyings.map((coin) => perpetual(coin, spotOf(coin, parsed)));
  const rest = parsed.flatMap((instrument) => {
    if (instrument.kind === 'perpetual') return [];
    const spec = specificationOf(instrument.id);
    if (!spec.ok || instrument.expiry === undefined) return [];
    const { tickSize, lotSize, contractSize } = spec.value;
    if (instrument.kind !== 'option')
      return [
        {
          ...perpetual(instrument.underlying, spotOf(instrument.underlying, parsed)),
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

/** The middle of the strikes, which is where a book's options were struck. */
function spotOf(coin: string, parsed: readonly ParsedInstrument[]): number {
  const strikes = parsed
    .flatMap(({ underlying, strike }) =>
      underlying === coin && strike !== undefined ? [strike.toNumber()] : [],
    )
    .sort((a, b) => a - b);
  return strikes[Math.floor(strikes.length / 2)] ?? INITIAL_PRICES[coin] ?? INITIAL_PRICE_OF_OTHERS;
}

function perpetual(coin: string, spot: number): SimInstrument {
  const spec = specificationOf(`${coin}-PERPETUAL@deribit`);
  const tickSize = spec.ok ? spec.value.tickSize : '0.05';
  const contractSize = spec.ok ? spec.value.contractSize : '1';
  const ticks = Math.round(spot / Number(tickSize));
  return {
    name: `${coin}-PERPETUAL`,
    kind: 'future',
    currency: coin,
    indexName: `${coin.toLowerCase()}_usd`,
    settlementPeriod: 'perpetual',
    inverse: true,
    tickSize,
    amountStep: contractSize,
    contractSize,
    initialPrice: Decimal.parse(tickSize).times(Decimal.ofInteger(ticks)).toString(),
    makerFee: spec.ok ? spec.value.makerFee : '0',
    takerFee: spec.ok ? spec.value.takerFee : '0.0005',
  };
}
