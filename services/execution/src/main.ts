import { randomUUID } from 'node:crypto';
import { ReleaseJudge, requireDurable } from '@evenkeel/adapter-nats';
import { CONNECTORS } from '@evenkeel/adapter-venues';
import { createOrderCore } from '@evenkeel/execution';
import { requiredOf } from '@evenkeel/governance';
import {
  SteadyClock,
  checkLedgerFloor,
  governanceReader,
  openShell,
  requireSignatures,
  runMain,
  serveCore,
  wallNanoseconds,
} from '@evenkeel/host';
import { openVenues, realVenues } from '@evenkeel/venues';
import { parseExecutionEnvironment } from './config';
import { DeskLoop } from './inbound/desk-loop';
import { requireGoverned } from './inbound/approvals';
import type { Approvals } from './inbound/approvals';
import { DirectKill } from './inbound/direct-kill/direct-kill';
import { KillModule } from './inbound/direct-kill/kill.module';
import { KillLatches } from './inbound/kill-latches';
import { DeskFigures } from './outbound/desk-figures';
import { VenueGateway } from './outbound/venue-gateway';

runMain('execution', async () => {
  const shell = await openShell('execution', parseExecutionEnvironment);
  const { environment, connection, epoch, logger } = shell;
  const real = realVenues(CONNECTORS, environment.EK_VENUES);
  requireDurable(shell.durability, real);
  requireSignatures(environment, real);
  const governance = governanceReader(shell);
  const required = requiredOf(environment.EK_GOVERNANCE, real);
  if (real.length > 0) await requireGoverned(governance, environment, real);
  const approvals: Approvals = {
    required: required !== 'nothing',
    approvalOf: (change, proposalId, now) => governance.approvalOf(change, proposalId, now),
  };
  const latches = new KillLatches({
    connection,
    folder: environment.EK_KILL_DIR,
    maxAgeMs: environment.EK_KILL_MAX_AGE_MS,
    judge: new ReleaseJudge(governance, approvals.required),
    known: epoch.bucket,
    logger,
  });
  await latches.start();
  const direct = new DirectKill({ process: environment.EK_PROCESS, latches, governance, logger });
  await direct.start();
  const offset = BigInt(environment.EK_LIVE_CLOCK_OFFSET_MS) * 1_000_000n;
  // A container's process is always 1 and clocks are set back: neither tells two lives apart.
  const life = randomUUID();
  const steady = new SteadyClock({ wallNs: () => wallNanoseconds() + offset });
  const host = { clock: () => steady.now(), environment: process.env, life };
  const open = openVenues(CONNECTORS, environment.EK_VENUES, host, 'EK_VENUES');
  const { metrics } = shell;
  const gap = shell.floor.gap === undefined ? {} : { gap: shell.floor.gap };
  const killFolder = environment.EK_KILL_DIR;
  const figures = new DeskFigures({
    registry: metrics.registry,
    stalls: shell.stalls,
    latches: () => latches.latches,
  });
  const desk = new DeskLoop({ connection, latches, approvals, metrics, figures, logger });
  await serveCore({
    shell,
    package: '@evenkeel/execution',
    createCore: () => createOrderCore(),
    governance,
    endpoints: [KillModule.with(direct)],
    // A quarter second is what event time may be off before that is an alarm.
    ...(real.length === 0 ? {} : { clockLimitNs: 250_000_000n }),
    needsFloor: ({ kind }) => kind === 'submit' || kind === 'amend',
    prepare: async () => {
      if (real.length > 0 && !shell.floor.known) await checkLedgerFloor(shell, shell.health, shell.stalls);
    },
    companion: (announce) =>
      new VenueGateway({
        open,
        latches,
        killFolder,
        takeBackAfterMs: environment.EK_TAKE_BACK_AFTER_MS,
        logger,
        life,
        registry: metrics.registry,
        stalls: shell.stalls,
        onNews: announce,
        desk,
        ...gap,
      }),
  });
});
