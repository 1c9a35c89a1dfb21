import { JetStreamEventLog } from '@evenkeel/adapter-nats';
import { ServiceModule, openShell, runMain, serve } from '@evenkeel/host';
import type { ProcessShell } from '@evenkeel/host';
import { parsePriceIngestEnvironment } from './config';
import type { PriceIngestEnvironment } from './config';
import { OpenedBooks } from './inbound/opened-books';

/** What advances event time: a tape in lockstep, or the clock over live feeds. */
interface EventTime {
  run(): Promise<void>;
  stop(): void;
  report(): void;
  close?(): Promise<void>;
}

async function openEventTime(
  shell: ProcessShell<PriceIngestEnvironment>,
  opened: OpenedBooks,
): Promise<EventTime> {
  return shell.environment.EK_MARKET_MODE === 'live'
    ? (await import('./outbound/live-event-time')).openLive(shell, opened)
    : (await import('./outbound/tape-event-time')).openTape(shell, opened);
}

async function main(): Promise<void> {
  const shell = await openShell('price-ingest', parsePriceIngestEnvironment);
  const { logger } = shell;
  const { connection, epoch, trust } = shell;
  const journal = new JetStreamEventLog(connection, epoch.journalStream, {
    authors: trust.authors,
    // The partition that somebody spoils stops by itself.
    passesOver: (found) => !found.isOfNewerBuild,
  });
  const opened = await OpenedBooks.read(journal);
  const time = await openEventTime(shell, opened);
  let ended: Promise<void> = Promise.resolve();
  await serve(shell, {
    module: ServiceModule.with(shell),
    close: async () => {
      time.stop();
      await ended;
      await time.close?.();
    },
  });
  ended = time.run().then(
    () => logger.info('event time has ended'),
    (error: unknown) => {
      shell.health.fault(error instanceof Error ? error.message : String(error));
      logger.fatal({ err: error }, 'halted');
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    },
  );
  // After the end it stays for whoever asks, repeating that it is done.
  const ticker = setInterval(() => time.report(), 500);
  process.once('SIGTERM', () => clearInterval(ticker));
}

/** The market of a tape, where the supervisor says it ahead of the rest. One that cannot be read is told when the run asks for it. */
async function early(): Promise<void> {
  const { EK_TAPE, EK_MARKET_SEED, EK_MARKET_DAYS } = process.env;
  if (EK_MARKET_SEED === undefined || EK_MARKET_DAYS === undefined) return;
  const { openMarket } = await import('./outbound/tape-event-time');
  try {
    openMarket({ EK_TAPE, EK_MARKET_SEED, EK_MARKET_DAYS: Number(EK_MARKET_DAYS) });
  } catch {
    // Asked for again, and told then, with the rest of the environment.
  }
}

runMain('price-ingest', main, early);
