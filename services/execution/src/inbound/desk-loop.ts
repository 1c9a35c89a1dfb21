import type { NatsConnection } from '@nats-io/nats-core';
import { CommandBucket } from '@evenkeel/adapter-nats';
import type { Logger, ServiceMetrics } from '@evenkeel/telemetry';
import { recordCommands } from './control-commands';
import type { Approvals } from './approvals';
import type { DeskFigures } from '../outbound/desk-figures';
import { HaltAlerts } from '../outbound/halt-alerts';
import type { Host } from '../host';
import { recordLatches } from './kill-facts';
import type { KillLatches } from './kill-latches';

const INTERVAL_MS = 200;

export interface DeskLoopOptions {
  readonly connection: NatsConnection;
  readonly latches: KillLatches;
  readonly approvals: Approvals;
  readonly metrics: ServiceMetrics;
  readonly figures: Pick<DeskFigures, 'follow'>;
  readonly logger: Logger;
}

/** What people at the desk want of execution while it runs: kills and commands recorded, alerts raised. */
export class DeskLoop {
  private ticker: NodeJS.Timeout | undefined;
  private commands: CommandBucket | undefined;
  private busy = false;
  private readonly alerts: HaltAlerts;

  constructor(private readonly options: DeskLoopOptions) {
    this.alerts = new HaltAlerts(options.metrics, options.logger);
  }

  /** `hosts`: the partitions that this process owns at the moment. */
  start(hosts: () => readonly Host[]): void {
    this.options.figures.follow(() => hosts().map((host) => host.reactor.state));
    this.ticker = setInterval(() => void this.turn(hosts()), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.ticker);
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
      this.commands ??= await CommandBucket.open(connection);
      await recordCommands(this.commands, hosts, logger, this.options.approvals);
    } catch (error) {
      this.commands = undefined;
      logger.error({ err: error }, 'a kill latch or a command could not be recorded');
    } finally {
      this.busy = false;
    }
  }
}
