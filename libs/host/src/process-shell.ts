import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  SURVIVES,
  assertServer,
  assertStreams,
  busAccessFrom,
  connectNats,
  consumersByStream,
  currentEpoch,
  fillByStream,
  durabilityOf,
} from '@evenkeel/adapter-nats';
import type { DurabilityFound, Epoch, OnUnreadable } from '@evenkeel/adapter-nats';
import { VERSION, hostEnvironment, parseEnvironment } from '@evenkeel/config';
import type { HostEnvironment } from '@evenkeel/config';
import type { Producer } from '@evenkeel/eventing';
import { inSourceLines } from '@evenkeel/platform';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import { kernelHash } from '@evenkeel/pricing';
import { openTrust } from './commit-trust';
import type { CommitTrust } from './commit-trust';
import { AppendWaits } from './append-waits';
import { openFloor } from './journal-floor';
import type { HeldFloor } from './journal-floor';
import { PassThroughFilter } from './nest/pass-through.filter';
import { Health, Stalls, createLogger, createMetrics, createTracing, sampleGauge } from '@evenkeel/telemetry';
import type { Logger, ServiceMetrics, Tracing } from '@evenkeel/telemetry';

/** What every service process is made of before it does anything of its own. */
export interface ProcessShell<Environment extends HostEnvironment = HostEnvironment> {
  readonly service: string;
  readonly environment: Readonly<Environment>;
  readonly logger: Logger;
  readonly metrics: ServiceMetrics;
  readonly health: Health;
  readonly tracing: Tracing;
  readonly connection: NatsConnection;
  readonly epoch: Epoch;
  /** What an acknowledgement of the journal survives. */
  readonly durability: DurabilityFound;
  readonly floor: HeldFloor;
  /** Says for whom and what this process waits. */
  readonly stalls: Stalls;
  /** Hears of everything of this process that waits for the server. */
  readonly waits: AppendWaits;
  readonly producer: Producer;
  /** A message from outside that counts for nothing: counted and said. */
  readonly unreadable: OnUnreadable;
  /** Who may write in the epoch, and what this process signs with. */
  readonly trust: CommitTrust;
}

const EXIT_FAILURE = 1;
const EXIT_INVALID = 2;

/** Reads the environment and connects. `parse` is the service's own composed schema. */
export async function openShell<E extends HostEnvironment>(
  service: string,
  parse: () => Readonly<E>,
): Promise<ProcessShell<E>> {
  const environment = parse();
  const logger = createLogger(service, environment.EK_LOG_LEVEL);
  const metrics = createMetrics(service);
  const connection = await connectNats(busAccessFrom(environment), service, {
    onRefused: ({ code, operation, subject, identity, message }) => {
      metrics.busRefusals.inc({ operation });
      logger.error({ code, operation, subject, identity }, message);
    },
  });
  assertServer(connection);
  await assertStreams(connection);
  const epoch = await currentEpoch(connection);
  const trust = await openTrust(service, environment, connection, epoch);
  const signed = trust.authors.signed;
  logger.info({ epoch: epoch.epoch, journal: epoch.journalStream, signed }, 'connected');
  if (!signed)
    logger.warn({ epoch: epoch.epoch }, 'nobody signed this epoch: what it says is anybody’s word');
  const { EK_DURABILITY: stated, NATS_MONITOR_URL: monitorUrl } = environment;
  const durability = await durabilityOf(connection, epoch, {
    ...(stated === undefined ? {} : { stated }),
    ...(monitorUrl === undefined ? {} : { monitorUrl }),
  });
  const floor = await openFloor({ connection, epoch, environment, service, logger });
  logger.info(durability, SURVIVES[durability.durability]);
  const health = new Health();
  const stalls = new Stalls(logger, health, metrics.registry);
  stalls.start();
  sampleGauge(metrics.registry, 'evenkeel_stream_consumers', () => consumersByStream(connection));
  sampleGauge(metrics.registry, 'evenkeel_stream_fill', () => fillByStream(connection));
  return {
    service,
    environment,
    logger,
    connection,
    epoch,
    durability,
    floor,
    metrics,
    health,
    stalls,
    waits: new AppendWaits(logger, health, stalls),
    unreadable: (found) => {
      metrics.unreadable.inc({ subject: found.kind });
      logger.error({ err: found }, 'a message counts for nothing');
    },
    tracing: createTracing(service, environment.OTEL_EXPORTER_OTLP_ENDPOINT),
    trust,
    producer: { service, version: VERSION, gitSha: environment.EK_GIT_SHA, kernelHash },
  };
}

export const parseHostEnvironment = (service: string) => (): Readonly<HostEnvironment> =>
  parseEnvironment(hostEnvironment, process.env, service);

export interface ShellApplication {
  readonly module: DynamicModule;
  /** The transport, where the service has one. */
  readonly strategy?: CustomTransportStrategy;
  /** Ends what the service itself started; the transport is already closed by then. */
  readonly close?: () => Promise<void>;
}

const DRAIN_MAX_MS = 20_000;

/** Starts Nest, opens the health endpoints, and drains in order on SIGTERM and SIGINT. */
export async function serve(shell: ProcessShell, application: ShellApplication): Promise<void> {
  const app: INestApplication = await NestFactory.create(application.module, {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    shell.health.wait('draining');
    shell.logger.info({ signal }, 'draining');
    // A start that is interrupted half-way may leave nothing to drain and never say so; nobody is left to wait for it.
    setTimeout(() => {
      shell.logger.error({ signal, seconds: DRAIN_MAX_MS / 1000 }, 'did not drain in time');
      process.exit(EXIT_FAILURE);
    }, DRAIN_MAX_MS).unref();
    await app.close();
    await application.close?.();
    await shell.connection.drain().catch(() => undefined);
    await shell.tracing.shutdown();
    shell.logger.info('stopped');
    process.exit(process.exitCode ?? 0);
  };
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));
  if (shell.environment.EK_SUPERVISED === '1')
    process.stdin.on('close', () => void stop('the supervisor is gone')).resume();
  if (application.strategy !== undefined) {
    app
      .connectMicroservice(
        { strategy: application.strategy },
        { inheritAppConfig: true, deferInitialization: true },
      )
      .useGlobalFilters(new PassThroughFilter());
  }
  // Health is answered from the first second: recovery may take minutes, and whoever asks must not take it for a hang.
  await app.listen(shell.environment.EK_HTTP_PORT, shell.environment.EK_HTTP_HOST);
  const address = app.getHttpServer().address() as AddressInfo; // a listening TCP server has one
  shell.health.done('starting');
  if (application.strategy !== undefined) {
    const over = shell.stalls.begin('nats', 'recovery', () => shell.health.pending.join('; '));
    await app.startAllMicroservices().finally(over);
  }
  shell.health.done('recovering');
  shell.logger.info({ port: address.port, recovered: true }, 'ready');
}

/** What ended a process, in words; where it came from only for those who ask for details. */
export function lastWords(error: unknown, logLevel: string | undefined): string {
  if (error instanceof EvenkeelError) return `${error.code}: ${error.message}`;
  if (!(error instanceof Error)) return String(error);
  const isDetailed = logLevel === 'debug' || logLevel === 'trace';
  if (isDetailed) return inSourceLines(error.stack ?? error.message);
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.message === '' ? error.name : error.message}${code}; EK_LOG_LEVEL=debug says where`;
}

/** The rest of the environment: a line on stdin, which a supervisor writes once what it names is there. */
function toldBySupervisor(): Promise<Record<string, string>> {
  return new Promise((resolve) => {
    let text = '';
    // The supervisor is gone before it had anything to say.
    const gone = (): never => process.exit(0);
    const hear = (part: string): void => {
      text += part;
      if (!text.includes('\n')) return;
      process.stdin.off('data', hear).off('end', gone).pause();
      resolve(JSON.parse(text) as Record<string, string>); // what the supervisor has written
    };
    process.stdin.setEncoding('utf8').on('data', hear).once('end', gone);
  });
}

/**
 * Runs a service's main; a person's mistake is said plainly and ends with 2, anything else with 1. `early`: what can be done while the
 * supervisor still waits for servers.
 */
export function runMain(service: string, main: () => Promise<void>, early?: () => Promise<void>): void {
  const run = async (): Promise<void> => {
    if (process.env['EK_SUPERVISED'] === '1') {
      const told = toldBySupervisor();
      await early?.();
      Object.assign(process.env, await told);
    }
    await main();
  };
  run().catch((error: unknown) => {
    process.stderr.write(`${service}: ${lastWords(error, process.env['EK_LOG_LEVEL'])}\n`);
    process.exit(error instanceof InvalidInputError ? EXIT_INVALID : EXIT_FAILURE);
  });
}
