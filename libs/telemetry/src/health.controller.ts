import { Controller, Get, Header, HttpCode, HttpException, HttpStatus, Inject } from '@nestjs/common';
import type { Health } from './health';
import type { ServiceMetrics } from './metrics';

export const HEALTH = Symbol('Health');
export const METRICS = Symbol('ServiceMetrics');

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
  ready(): { status: string; reasons: readonly string[]; partitions?: readonly string[] } {
    const { ready, reasons, partitions } = this.health;
    const owned = partitions === undefined ? {} : { partitions };
    const body = { status: ready ? 'ready' : 'not ready', reasons, ...owned };
    if (!ready) throw new HttpException(body, HttpStatus.SERVICE_UNAVAILABLE);
    return body;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  exposition(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
