import { loadTape } from '@evenkeel/config';
import type { ProcessShell } from '@evenkeel/host';
import { createPriceIngest, demonstrationMarket } from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';
import type { PriceIngestEnvironment } from '../config';
import type { OpenedBooks } from '../inbound/opened-books';
import { Lockstep } from './lockstep';
import { NatsMarketBus } from './nats-market-bus';

type MarketNames = Pick<PriceIngestEnvironment, 'EK_TAPE' | 'EK_MARKET_SEED' | 'EK_MARKET_DAYS'>;

let opened: { readonly name: string; readonly tape: Tape } | undefined;

/** The market depends on no server, so it may be opened while those start: the run then finds it. */
export function openMarket({ EK_TAPE, EK_MARKET_SEED, EK_MARKET_DAYS }: MarketNames): Tape {
  const name = JSON.stringify([EK_TAPE, EK_MARKET_SEED, EK_MARKET_DAYS]);
  if (opened?.name !== name) {
    const tape =
      EK_TAPE === undefined ? demonstrationMarket(EK_MARKET_SEED, EK_MARKET_DAYS).tape : loadTape(EK_TAPE);
    opened = { name, tape };
  }
  return opened.tape;
}

/** Event time from a tape, or from the built-in market. */
export function openTape(
  shell: ProcessShell<PriceIngestEnvironment>,
  { partitions, interest }: OpenedBooks,
): Lockstep {
  const tape = openMarket(shell.environment);
  return new Lockstep({
    bus: new NatsMarketBus(shell),
    tape,
    ingest: createPriceIngest({ sources: tape.sources, interest }),
    partitions,
    speed: shell.environment.EK_SPEED,
    stalls: shell.stalls,
    logger: shell.logger,
  });
}
