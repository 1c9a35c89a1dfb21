import { JetStreamEventLog } from '@evenkeel/adapter-nats';
import { createOrderCore } from '@evenkeel/execution';
import { openShell, runMain, serveCore } from '@evenkeel/host';
import { parseExecutionEnvironment } from './config';
import { ExecutionModule } from './execution.module';
import { readAccounts } from './outbound/account-contracts';
import { DeskLoop } from './outbound/desk-loop';
import { openGateway } from './outbound/open-gateway';
import { GovernedChanges } from './outbound/governed-changes';
import { KillLatches } from './outbound/kill-latches';

runMain('execution', async () => {
  const shell = await openShell('execution', parseExecutionEnvironment);
  const { environment, connection, epoch, logger } = shell;
  const approvals = new GovernedChanges(
    connection,
    epoch.journalStream,
    environment.EK_GOVERNANCE === 'required',
  );
  const latches = new KillLatches(
    connection,
    environment.EK_KILL_DIR,
    environment.EK_KILL_MAX_AGE_MS,
    logger,
    approvals,
  );
  await latches.start();
  let announce = (): void => undefined;
  const gateway = openGateway(environment, latches, logger, () => announce());
  const desk = new DeskLoop({
    connection,
    latches,
    killFolder: environment.EK_KILL_DIR,
    gateway,
    approvals,
    metrics: shell.metrics,
    logger,
  });
  await serveCore({
    shell,
    createCore: () => createOrderCore(),
    perform: (effect) => gateway.perform(effect),
    extend: (hosts) => ({
      beforeRecovery: async (instants) =>
        gateway.open(await readAccounts(new JetStreamEventLog(connection, epoch.journalStream)), instants),
      afterRecovery: async () => {
        await gateway.resume(hosts);
        desk.start(hosts);
      },
      beforeInstant: (published) => gateway.beforeInstant(published),
      afterInstant: (published) => gateway.afterInstant(published, hosts),
      extraWake: () => gateway.due(),
    }),
    module: (runtime) => {
      announce = () => runtime.announce();
      return ExecutionModule.with(shell, runtime);
    },
    close: async () => {
      desk.stop();
      latches.stop();
      await gateway.close();
    },
  });
});
