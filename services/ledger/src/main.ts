import { createLedgerPool, createLedgerWriter } from '@evenkeel/adapter-postgres';
import { openShell, runMain, serve } from '@evenkeel/host';
import { parseLedgerEnvironment } from './config';
import { JournalToLedger } from './inbound/journal-to-ledger';
import { LedgerModule } from './ledger.module';

runMain('ledger', async () => {
  const shell = await openShell('ledger', parseLedgerEnvironment);
  const pool = createLedgerPool({
    url: shell.environment.DATABASE_URL,
    role: 'evenkeel_ledger',
    onError: (error) => shell.logger.warn({ err: error }, 'an idle database connection broke'),
  });
  const writer = createLedgerWriter(pool, { epoch: shell.epoch.epoch });
  const ledger = new JournalToLedger(shell, writer);
  let ended: Promise<void> = Promise.resolve();
  await serve(shell, {
    module: LedgerModule.with(shell),
    close: async () => {
      await ledger.stop();
      await ended;
      await writer.close();
      await pool.end();
    },
  });
  ended = ledger.run().catch((error: unknown) => {
    shell.health.fault(error instanceof Error ? error.message : String(error));
    shell.metrics.halted.set(1);
    shell.logger.fatal(
      { err: error },
      'the ledger has stopped; nothing more is written until somebody looks',
    );
  });
});
