import { Controller, Get, Header, HttpCode, HttpException, HttpStatus, Inject } from '@nestjs/common';
import type { Health } from './health';
import type { ServiceMetrics } from './metrics';

export const HEALTH = Symbol('Health');
export const METRICS = Symbol('ServiceMetrics');

interface ReadyBody {
  readonly status: string;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  /** Who it waits for although it is. */
  readonly waiting: readonly string[];
  readonly partitions?: readonly string[];
}

@Controller()
export class HealthController {
  constructor(
    @Inject(HEALTH) private readonly health: Health,
    @Inject(METRICS) private readonly metrics: ServiceMetrics,
  ) {}

  @Get('health/live')
  @HttpCode(HttpStatus.OK)
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('health/ready')
  ready(): ReadyBody {
    const { ready, reasons, waitsFor, partitions } = this.health;
    const owned = partitions === undefined ? {} : { partitions };
    const body = { status: ready ? 'ready' : 'not ready', reasons, waiting: waitsFor, ...owned };
    if (!ready) throw new HttpException(body, HttpStatus.SERVICE_UNAVAILABLE);
    return body;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  exposition(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
