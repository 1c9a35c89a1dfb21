import {
  Fenced,
  GovernanceReader,
  JetStreamEventLog,
  JournalQuarantine,
  PartitionHost,
  ServiceRuntime,
  UnreadableMessage,
} from '@evenkeel/adapter-nats';
import type { Companion, HostObserver, Lease } from '@evenkeel/adapter-nats';
import { pinnedRoster } from '@evenkeel/config';
import { TOPOLOGY } from '@evenkeel/engine';
import { KEPT_MAX } from '@evenkeel/facts';
import type { Core, CoreInput } from '@evenkeel/facts';
import type { DynamicModule } from '@nestjs/common';
import { PARTITION_COUNT } from '@evenkeel/kernel';
import { ATTRIBUTES, createCoreMetrics, createGauge, sampleGauge } from '@evenkeel/telemetry';
import type { CoreMetrics } from '@evenkeel/telemetry';
import { ClockWatch, clockLimits } from './clock-watch';
import { coreFigures } from './core-figures';
import type { CoreFigures } from './core-figures';
import { JetStreamStrategy } from './nest/jetstream-strategy';
import { serve } from './process-shell';
import type { ProcessShell } from './process-shell';
import { wallNanoseconds } from './steady-clock';
import { ServiceModule } from './service.module';
import { openSnapshots } from './state-snapshots';

export interface CoreServiceOptions<State, Effect> {
  readonly shell: ProcessShell;
  /** The package of the core, whose code a state snapshot belongs to. */
  readonly package: string;
  readonly createCore: () => Core<State, Effect>;
  /** Where it asks who stands behind what people say; one of its own unless given. */
  readonly governance?: GovernanceReader;
  /** Beyond this error of the clock nothing is decided, where the environment names no limit. */
  readonly clockLimitNs?: bigint;
  /** Effects that may leave only when the disk knows how far the journal has been. */
  readonly needsFloor?: (effect: Effect) => boolean;
  /** Once health is answered, before anything is taken. */
  readonly prepare?: () => Promise<void>;
  /** Endpoints of its own beside health and metrics. */
  readonly endpoints?: readonly DynamicModule[];
  /** What the service does beside reacting. `announce` says that something outside the streams has changed. */
  readonly companion?: (announce: () => void) => Companion<State, Effect>;
}

/** Hosts one core per partition behind Nest: what risk, strategy and execution have in common. */
export async function serveCore<State, Effect>(options: CoreServiceOptions<State, Effect>): Promise<void> {
  const { shell } = options;
  const companion = options.companion?.(() => runtime.announce());
  const { authors, signer } = shell.trust;
  const { waits } = shell;
  const governance = options.governance ?? governanceReader(shell);
  const quarantine = quarantineOf(shell, governance);
  const journal = new JetStreamEventLog(shell.connection, shell.epoch.journalStream, {
    authors,
    waits,
    passesOver: (found) => quarantine.covers(found),
  });
  const partitions =
    shell.environment.EK_PARTITIONS ??
    Array.from({ length: PARTITION_COUNT }, (_, index) => String(index).padStart(2, '0'));
  const rules = TOPOLOGY[options.createCore().context];
  const clock = new ClockWatch(clockLimits(shell.environment, options.clockLimitNs));
  const { registry } = shell.metrics;
  const metrics = createCoreMetrics(registry);
  const watching: Watching = {
    metrics,
    figures: coreFigures(options.createCore().context, registry),
    newest: 0,
  };
  const snapshots = await openSnapshots(shell, metrics, options.package);
  const createHost = (lease: Lease): PartitionHost<State, Effect> => {
    const host: PartitionHost<State, Effect> = new PartitionHost({
      core: options.createCore(),
      partition: lease.partition,
      lease,
      epoch: shell.epoch.epoch,
      journal,
      marketStream: shell.epoch.marketStream,
      inputs: rules.reads,
      followsMarket: rules.followsMarket,
      producer: shell.producer,
      signer,
      nowNs: wallNanoseconds,
      clockQuality: () => clock.quality,
      observer: observe(shell, watching, lease.partition),
      governance,
      ...(snapshots === undefined ? {} : { snapshots }),
      ...(shell.floor.keeper === undefined ? {} : { floor: shell.floor.keeper }),
      ...(options.needsFloor === undefined ? {} : { needsFloor: options.needsFloor }),
      ...(companion === undefined ? {} : { perform: (effect) => companion.perform(effect, host) }),
    });
    return host;
  };
  const { EK_PROCESS, EK_LEASE_MS } = shell.environment;
  const runtime: ServiceRuntime<State, Effect> = new ServiceRuntime({
    connection: shell.connection,
    epoch: shell.epoch,
    service: shell.service,
    process: EK_PROCESS,
    partitions,
    leaseMs: EK_LEASE_MS,
    waits: shell.waits,
    rules,
    authors,
    quarantine,
    createHost,
    ...(options.prepare === undefined ? {} : { prepare: options.prepare }),
    ...(companion === undefined ? {} : { companion }),
    onFault: (error, partition) => {
      const reason = error instanceof Error ? error.message : String(error);
      shell.health.fault(partition === undefined ? reason : `partition ${partition}: ${reason}`, partition);
      shell.metrics.halted.set(1);
      shell.logger.fatal({ err: error, partition }, 'halted: nothing more is taken until somebody looks');
    },
    onMended: (partition) => {
      shell.health.mended(partition);
      if (!shell.health.isFaulty) shell.metrics.halted.set(0);
      shell.logger.warn({ partition }, 'what it stopped at is quarantined: it begins anew from the record');
    },
    onWait: (whom, what, detail) => shell.stalls.begin(whom, what, detail, { keepsFromReady: true }),
    onOwned: (owned) => {
      shell.health.owns(owned);
      metrics.partitionsOwned.set(owned.length);
      shell.logger.info({ process: EK_PROCESS, partitions: owned }, 'owns');
    },
    onTrouble: (error, partition) => {
      if (error instanceof Fenced) metrics.fenced.inc();
      if (error instanceof UnreadableMessage) shell.unreadable(error);
      else shell.logger.warn({ err: error, partition }, 'partitions');
    },
  });
  sampleGauge(registry, 'evenkeel_kept', () => Promise.resolve(runtime.kept()));
  sampleGauge(registry, 'evenkeel_kept_max', () => Promise.resolve(new Map(Object.entries(KEPT_MAX))));
  createGauge(registry, 'evenkeel_partitions_halted', (gauge) => gauge.set(shell.health.faultyParts));
  if (rules.followsMarket)
    createGauge(registry, 'evenkeel_last_instant', (gauge) => gauge.set(runtime.lastInstant ?? 0));
  shell.stalls.watch(() => {
    const trouble = runtime.leaseTrouble;
    return trouble === undefined ? [] : [{ for: 'nats', what: 'lease', keepsFromReady: true, ...trouble }];
  });
  shell.health.wait('recovering', () => runtime.recovery);
  await clock.start((error) => runtime.halt(error));
  await serve(shell, {
    module: ServiceModule.with(shell, runtime, options.endpoints),
    strategy: new JetStreamStrategy(runtime),
    close: async () => {
      await companion?.close();
      await shell.floor.keeper?.secure();
    },
  });
}

/** The governance of the epoch, under the roster that this process is configured to trust. */
export function governanceReader({ connection, epoch, environment, trust }: ProcessShell): GovernanceReader {
  return new GovernanceReader({
    connection,
    authors: trust.authors,
    journalStream: epoch.journalStream,
    rosterHash: () => pinnedRoster(environment),
  });
}

/** What this process passes over of the journal. */
export function quarantineOf(
  { connection, epoch, trust, logger }: ProcessShell,
  governance: GovernanceReader,
): JournalQuarantine {
  return new JournalQuarantine({
    connection,
    epoch,
    authors: trust.authors,
    governance,
    onRefused: ({ stream, sequence, by }, problems) =>
      logger.error(
        { stream, sequence, by, problems },
        'a quarantine does not count: two people must stand behind it',
      ),
  });
}

/** What all partitions of a process are measured with. */
interface Watching {
  readonly metrics: CoreMetrics;
  readonly figures: CoreFigures;
  /** The newest market instant that any of them has begun to take. */
  newest: number;
}

function observe(shell: ProcessShell, watching: Watching, partition: string): HostObserver {
  const { metrics, figures } = watching;
  return {
    recorded({ events }, isNew) {
      figures.note(
        events.map(({ event }) => event),
        isNew,
      );
    },
    begin(kind, cause) {
      const started = process.hrtime.bigint();
      const span = shell.tracing.start(`process ${kind}`, cause.traceparent, {
        [ATTRIBUTES.partition]: partition,
        [ATTRIBUTES.messageId]: cause.causation.commitId,
      });
      return {
        traceparent: span.traceparent,
        end(commits) {
          span.end();
          const counted = kindCounted(cause.input, watching);
          if (counted !== undefined) metrics.inputs.inc({ kind: counted });
          if (commits > 0) shell.metrics.commits.inc(commits);
          metrics.inputSeconds.observe({ kind }, Number(process.hrtime.bigint() - started) / 1e9);
        },
      };
    },
  };
}

/** An instant of the market is everybody's: it counts where the first partition takes it. */
function kindCounted(input: CoreInput, watching: Watching): CoreInput['kind'] | 'wake' | undefined {
  if (input.kind !== 'instant') return input.kind;
  const { number, wakes } = input.instant;
  if (wakes.length > 0) return 'wake';
  if (number <= watching.newest) return undefined;
  watching.newest = number;
  return 'instant';
}
