import type { NatsConnection } from '@nats-io/nats-core';
import { ControlBucket } from '@evenkeel/adapter-nats';
import { partitionOfBook } from '@evenkeel/eventing';
import type { VenueEffect } from '@evenkeel/execution';
import { required } from '@evenkeel/kernel';
import type { Logger, ServiceMetrics } from '@evenkeel/telemetry';
import { recordCommands } from './control-commands';
import type { Approvals } from './approvals';
import { HaltAlerts } from '../outbound/halt-alerts';
import { KillSweep } from '../outbound/kill-sweep';
import type { Host } from '../outbound/partition-venues';
import { recordLatches } from './kill-facts';
import type { KillLatches } from './kill-latches';

const INTERVAL_MS = 200;

export interface DeskLoopOptions {
  readonly connection: NatsConnection;
  readonly latches: KillLatches;
  readonly killFolder: string;
  readonly approvals: Approvals;
  readonly metrics: ServiceMetrics;
  readonly logger: Logger;
}

/** What people at the desk want of execution while it runs: kills carried out and recorded, commands recorded, alerts raised. */
export class DeskLoop {
  private ticker: NodeJS.Timeout | undefined;
  private sweep: KillSweep | undefined;
  private bucket: ControlBucket | undefined;
  private busy = false;
  private readonly alerts: HaltAlerts;

  constructor(private readonly options: DeskLoopOptions) {
    this.alerts = new HaltAlerts(options.metrics, options.logger);
  }

  /** `hosts`: the partitions that this process owns at the moment. */
  start(hosts: () => readonly Host[], perform: (effect: VenueEffect, host: Host) => Promise<void>): void {
    const { latches, killFolder, logger } = this.options;
    const hostOf = (book: string): Host | undefined =>
      hosts().find(({ partition }) => partition === partitionOfBook(book));
    this.sweep = new KillSweep({
      folder: killFolder,
      latches: () => latches.latches,
      states: () => hosts().map((host) => host.reactor.state),
      cancel: (effect) => perform(effect, required(hostOf(effect.book), `the partition of ${effect.book}`)),
      onFailure: (err, { clientOrderId }) =>
        logger.error({ err, clientOrderId }, 'an open order under a kill latch could not be taken back'),
    });
    this.sweep.start();
    this.ticker = setInterval(() => void this.turn(hosts()), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.ticker);
    this.sweep?.stop();
    this.options.latches.stop();
  }

  /** One turn at a time: a slow journal must not pile them up. */
  private async turn(hosts: readonly Host[]): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const { latches, connection, logger } = this.options;
    try {
      this.alerts.look(hosts.map((host) => host.reactor.state));
      await recordLatches(latches, hosts);
      this.bucket ??= await ControlBucket.open(connection);
      await recordCommands(this.bucket, hosts, logger, this.options.approvals);
    } catch (error) {
      this.bucket = undefined;
      logger.error({ err: error }, 'a kill latch or a command could not be recorded');
    } finally {
      this.busy = false;
    }
  }
}
