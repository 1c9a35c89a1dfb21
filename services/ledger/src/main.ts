import { setPriority } from 'node:os';
import { CheckpointStream, answerLedgerFloor, deadLetterCount } from '@evenkeel/adapter-nats';
import {
  assertWriterLogin,
  createLedgerPool,
  createLedgerWriter,
  ledgerFloor,
} from '@evenkeel/adapter-postgres';
import type { SignedRootAt } from '@evenkeel/adapter-postgres';
import { governanceReader, openShell, quarantineOf, runMain, serve } from '@evenkeel/host';
import { createGauge, sampleGauge } from '@evenkeel/telemetry';
import { createAuditMetrics } from './audit/audit-metrics';
import { LedgerTrail, isOtherLog } from './audit/ledger-trail';
import { logKeyOptions, parseLedgerEnvironment } from './config';
import { finishEarlierEpochs } from './inbound/earlier-epochs';
import { JournalToLedger } from './inbound/journal-to-ledger';
import { LedgerModule } from './ledger.module';
import { patiently } from './patience';

const OPEN_TRIES = 40;
/** Where processors are short, those that an order waits for come first; a third of their weight lets it follow. */
const NICE = 5;

runMain('ledger', async () => {
  setPriority(NICE);
  const shell = await openShell('ledger', parseLedgerEnvironment);
  const { environment, logger } = shell;
  const pool = createLedgerPool({
    url: environment.DATABASE_URL,
    role: 'evenkeel_ledger',
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  const metrics = createAuditMetrics(shell.metrics.registry);
  const waiting = (error: unknown): void => logger.warn({ err: error }, 'the database is away; trying again');
  const over = shell.stalls.begin('postgres', 'rows', 'the login is checked', { keepsFromReady: true });
  await patiently(() => assertWriterLogin(pool), waiting).finally(over);
  // A tree that cannot be opened is an alarm; the rows are taken over all the same, and hedging never waits for it. Over a history that
  // is another log's, or whose key is gone, the ledger does not begin at all.
  const away = (error: unknown): void => logger.warn({ err: error }, 'not yet; trying again');
  const openTrail = (): Promise<LedgerTrail> =>
    LedgerTrail.open({
      pool,
      key: logKeyOptions(environment),
      witnesses: environment.EK_WITNESSES,
      witnessTimeoutMs: environment.EK_WITNESS_TIMEOUT_MS,
      stalls: shell.stalls,
      stream: (origin) => CheckpointStream.open(shell.connection, origin, shell.unreadable),
      published: () => CheckpointStream.all(shell.connection, shell.unreadable),
      metrics,
      log: logger,
    });
  const trail = await patiently(openTrail, away, OPEN_TRIES).catch((error: unknown) => {
    if (isOtherLog(error)) throw error;
    metrics.fault.set(1);
    logger.error({ err: error }, 'the audit trail cannot be opened: nothing is signed until somebody looks');
    return undefined;
  });
  const signedRootAt: SignedRootAt = (size) => trail?.signedRootAt(size);
  const { deskKey } = shell.trust.authors;
  const quarantine = quarantineOf(shell, governanceReader(shell));
  const writer = createLedgerWriter(pool, {
    epoch: shell.epoch.epoch,
    signedRootAt,
    quarantined: (seq, hash) => quarantine.of(seq, hash),
    ...(deskKey === undefined ? {} : { deskKey }),
  });
  sampleGauge(shell.metrics.registry, 'evenkeel_kept', () =>
    Promise.resolve(new Map(Object.entries({ ...writer.kept(), ...trail?.kept() }))),
  );
  createGauge(shell.metrics.registry, 'evenkeel_dead_letters', async (gauge) => {
    gauge.reset();
    gauge.set(await deadLetterCount(shell.connection));
  });
  const floor = () => ledgerFloor(pool);
  const ledger = new JournalToLedger(shell, writer, floor, () => trail?.wake(), quarantine);
  answerLedgerFloor(shell.connection, floor);
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
  const finishEarlier = () => finishEarlierEpochs(shell.connection, pool, shell.epoch.epoch, signedRootAt);
  ended = patiently(finishEarlier, away)
    .then(({ taken, lost }) => {
      if (taken > 0)
        logger.warn({ taken }, 'an earlier epoch had ended without the ledger; it is complete now');
      for (const epoch of lost)
        logger.error(epoch, 'the end of an earlier epoch is not in the ledger; rebuild it from the journal');
      return ledger.run();
    })
    .catch((error: unknown) => {
      shell.health.fault(error instanceof Error ? error.message : String(error));
      shell.metrics.halted.set(1);
      logger.fatal({ err: error }, 'the ledger has stopped; nothing more is written until somebody looks');
    });
});
