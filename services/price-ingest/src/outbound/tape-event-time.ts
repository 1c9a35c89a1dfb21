import { loadTape } from '@evenkeel/config';
import type { ProcessShell } from '@evenkeel/host';
import { createPriceIngest, demonstrationMarket } from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';
import type { PriceIngestEnvironment } from '../config';
import type { OpenedBooks } from '../inbound/opened-books';
import { Lockstep } from './lockstep';
import { NatsMarketBus } from './nats-market-bus';

function openMarket(environment: PriceIngestEnvironment): Tape {
  if (environment.EK_TAPE !== undefined) return loadTape(environment.EK_TAPE);
  return demonstrationMarket(environment.EK_MARKET_SEED, environment.EK_MARKET_DAYS).tape;
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
