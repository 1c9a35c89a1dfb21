import type { DynamicModule } from '@nestjs/common';
import { JetStreamEventLog, JetStreamStrategy, PartitionHost, ServiceRuntime } from '@evenkeel/adapter-nats';
import type { HostObserver, ServiceRuntimeOptions } from '@evenkeel/adapter-nats';
import { TOPOLOGY } from '@evenkeel/engine';
import type { Core } from '@evenkeel/facts';
import { PARTITION_COUNT } from '@evenkeel/kernel';
import { ATTRIBUTES } from '@evenkeel/telemetry';
import { ClockWatch, clockLimits } from './clock-watch';
import { serve } from './process-shell';
import type { ProcessShell } from './process-shell';

/** Injection token of the running service. */
export const RUNTIME = Symbol('ServiceRuntime');

export interface CoreServiceOptions<State, Effect> {
  readonly shell: ProcessShell;
  readonly createCore: () => Core<State, Effect>;
  readonly perform?: (effect: Effect, host: PartitionHost<State, Effect>) => Promise<void>;
  /** Hooks of a service that does more than react; built once the hosts exist. */
  readonly extend?: (
    hosts: readonly PartitionHost<State, Effect>[],
  ) => Partial<ServiceRuntimeOptions<State, Effect>>;
  readonly module: (runtime: ServiceRuntime<State, Effect>) => DynamicModule;
  readonly close?: () => Promise<void>;
}

/** Hosts one core per partition behind Nest: what risk, strategy and execution have in common. */
export async function serveCore<State, Effect>(options: CoreServiceOptions<State, Effect>): Promise<void> {
  const { shell } = options;
  const journal = new JetStreamEventLog(shell.connection, shell.epoch.journalStream);
  const partitions =
    shell.environment.EK_PARTITIONS ??
    Array.from({ length: PARTITION_COUNT }, (_, index) => String(index).padStart(2, '0'));
  const core = options.createCore();
  const { reads, followsMarket } = TOPOLOGY[core.context];
  let halt: (error: unknown) => void = () => undefined;
  const clock = new ClockWatch({ ...clockLimits(), onFault: (error) => halt(error) });
  const hosts = partitions.map((partition) => {
    const host: PartitionHost<State, Effect> = new PartitionHost({
      core: options.createCore(),
      partition,
      epoch: shell.epoch.epoch,
      journal,
      marketStream: shell.epoch.marketStream,
      inputs: reads,
      followsMarket,
      producer: shell.producer,
      nowNs: hostNanoseconds,
      clockQuality: () => clock.quality,
      observer: observe(shell, partition),
      ...(options.perform === undefined
        ? {}
        : { perform: (effect) => options.perform?.(effect, host) ?? Promise.resolve() }),
    });
    return host;
  });
  const runtime = new ServiceRuntime<State, Effect>({
    connection: shell.connection,
    epoch: shell.epoch,
    service: shell.service,
    inputs: reads,
    followsMarket,
    hosts,
    onFault: (error) => {
      shell.health.fault(error instanceof Error ? error.message : String(error));
      shell.metrics.halted.set(1);
      shell.logger.fatal({ err: error }, 'halted: nothing more is taken until somebody looks');
    },
    ...options.extend?.(hosts),
  });
  halt = (error) => runtime.halt(error);
  await clock.start();
  await serve(shell, {
    module: options.module(runtime),
    strategy: new JetStreamStrategy(runtime),
    ...(options.close === undefined ? {} : { close: options.close }),
  });
}

/** Wall clock in nanoseconds; recorded, never decided on. */
export function hostNanoseconds(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

function observe(shell: ProcessShell, partition: string): HostObserver {
  return {
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
          shell.metrics.inputs.inc({ kind });
          if (commits > 0) shell.metrics.commits.inc(commits);
          shell.metrics.inputSeconds.observe({ kind }, Number(process.hrtime.bigint() - started) / 1e9);
        },
      };
    },
  };
}
