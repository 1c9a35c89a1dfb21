import { JetStreamEventLog } from '@evenkeel/adapter-nats';
import { createOrderCore } from '@evenkeel/execution';
import { openShell, runMain, serveCore } from '@evenkeel/host';
import type { VenueSettings } from '@evenkeel/lab';
import { parseExecutionEnvironment } from './config';
import { ExecutionModule } from './execution.module';
import { readAccountContracts } from './outbound/account-contracts';
import { recordLatches } from './outbound/kill-facts';
import { KillLatches } from './outbound/kill-latches';
import { VenueGateway } from './outbound/venue-gateway';

const LATCH_RECORD_INTERVAL_MS = 200;

runMain('execution', async () => {
  const shell = await openShell('execution', parseExecutionEnvironment);
  const { environment, connection, epoch, logger } = shell;
  const latches = new KillLatches(
    connection,
    environment.EK_KILL_DIR,
    environment.EK_KILL_MAX_AGE_MS,
    logger,
  );
  await latches.start();
  const settings = JSON.parse(environment.EK_VENUE_SETTINGS) as VenueSettings; // written by our own launcher
  const gateway = new VenueGateway(environment.EK_VENUE_DIR, settings, latches, logger);
  let ticker: NodeJS.Timeout | undefined;
  await serveCore({
    shell,
    createCore: () => createOrderCore(),
    inputs: ['strategy'],
    followsMarket: true,
    perform: (effect) => gateway.perform(effect),
    extend: (hosts) => ({
      beforeRecovery: async (instants) =>
        gateway.open(
          await readAccountContracts(new JetStreamEventLog(connection, epoch.journalStream)),
          instants,
        ),
      afterRecovery: async () => {
        await gateway.resume(hosts);
        ticker = setInterval(
          () =>
            void recordLatches(latches, hosts).catch((error: unknown) =>
              logger.error({ err: error }, 'a kill latch could not be recorded'),
            ),
          LATCH_RECORD_INTERVAL_MS,
        );
      },
      beforeInstant: (published) => gateway.beforeInstant(published),
      afterInstant: (published) => gateway.afterInstant(published, hosts),
      extraWake: () => gateway.due(),
    }),
    module: (runtime) => ExecutionModule.with(shell, runtime),
    close: () => {
      clearInterval(ticker);
      latches.stop();
      gateway.close();
      return Promise.resolve();
    },
  });
});
