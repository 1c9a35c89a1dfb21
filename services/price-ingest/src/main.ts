import { JetStreamEventLog } from '@evenkeel/adapter-nats';
import { loadTape } from '@evenkeel/config';
import { openShell, runMain, serve } from '@evenkeel/host';
import { createPriceIngest, demonstrationMarket } from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';
import { parsePriceIngestEnvironment } from './config';
import type { PriceIngestEnvironment } from './config';
import { readOpenedBooks } from './inbound/opened-books';
import { Lockstep } from './outbound/lockstep';
import { PriceIngestModule } from './price-ingest.module';

function openMarket(environment: PriceIngestEnvironment): Tape {
  if (environment.EK_TAPE !== undefined) return loadTape(environment.EK_TAPE);
  return demonstrationMarket(environment.EK_MARKET_SEED, environment.EK_MARKET_DAYS).tape;
}

runMain('price-ingest', async () => {
  const shell = await openShell('price-ingest', parsePriceIngestEnvironment);
  const { environment, logger } = shell;
  const tape = openMarket(environment);
  const { partitions, interest } = await readOpenedBooks(
    new JetStreamEventLog(shell.connection, shell.epoch.journalStream),
  );
  const lockstep = new Lockstep(shell, {
    tape,
    ingest: createPriceIngest({ sources: tape.sources, interest }),
    partitions,
    speed: environment.EK_SPEED,
  });
  let ended: Promise<void> = Promise.resolve();
  await serve(shell, {
    module: PriceIngestModule.with(shell),
    close: async () => {
      lockstep.stop();
      await ended;
    },
  });
  ended = lockstep.run().then(
    () => logger.info({ tape: tape.name }, 'the tape has ended'),
    (error: unknown) => {
      shell.health.fault(error instanceof Error ? error.message : String(error));
      logger.fatal({ err: error }, 'halted');
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    },
  );
  // After the end it stays for whoever asks, repeating that it is done.
  const ticker = setInterval(() => lockstep.report(), 500);
  process.once('SIGTERM', () => clearInterval(ticker));
});
