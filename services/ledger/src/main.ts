import { createLedgerPool, createLedgerWriter } from '@evenkeel/adapter-postgres';
import type { SignedRootAt } from '@evenkeel/adapter-postgres';
import { openShell, runMain, serve } from '@evenkeel/host';
import { createAuditMetrics } from './audit/audit-metrics';
import { CheckpointStream } from './audit/checkpoint-stream';
import { LedgerTrail } from './audit/ledger-trail';
import { logKeyOptions, parseLedgerEnvironment } from './config';
import { JournalToLedger } from './inbound/journal-to-ledger';
import { LedgerModule } from './ledger.module';

runMain('ledger', async () => {
  const shell = await openShell('ledger', parseLedgerEnvironment);
  const { environment, logger } = shell;
  const pool = createLedgerPool({
    url: environment.DATABASE_URL,
    role: 'evenkeel_ledger',
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  const metrics = createAuditMetrics(shell.metrics.registry);
  // A trail that cannot be opened is an alarm; the rows are taken over all the same, and hedging never waits for it.
  const trail = await LedgerTrail.open({
    pool,
    key: logKeyOptions(environment),
    witnesses: environment.EK_WITNESSES,
    witnessTimeoutMs: environment.EK_WITNESS_TIMEOUT_MS,
    stream: (origin) => CheckpointStream.open(shell.connection, origin),
    metrics,
    log: logger,
  }).catch((error: unknown) => {
    metrics.fault.set(1);
    logger.error({ err: error }, 'the audit trail cannot be opened: nothing is signed until somebody looks');
    return undefined;
  });
  const signedRootAt: SignedRootAt = (size) => trail?.signedRootAt(size);
  const writer = createLedgerWriter(pool, { epoch: shell.epoch.epoch, signedRootAt });
  const ledger = new JournalToLedger(shell, writer, () => trail?.wake());
  let ended: Promise<void> = Promise.resolve();
  await serve(shell, {
    module: LedgerModule.with(shell),
    close: async () => {
      await ledger.stop();
      await ended;
      await writer.close();
      await trail?.stop();
      await pool.end();
    },
  });
  trail?.start();
  ended = ledger.run().catch((error: unknown) => {
    shell.health.fault(error instanceof Error ? error.message : String(error));
    shell.metrics.halted.set(1);
    logger.fatal({ err: error }, 'the ledger has stopped; nothing more is written until somebody looks');
  });
});
