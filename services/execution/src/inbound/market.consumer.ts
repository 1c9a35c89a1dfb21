import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { MARKET_INSTANT } from '@evenkeel/adapter-nats';
import type { PublishedInstant, ServiceRuntime } from '@evenkeel/adapter-nats';
import { RUNTIME } from '@evenkeel/host';

@Controller()
export class MarketConsumer {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime<unknown, unknown>) {}

  @EventPattern(MARKET_INSTANT)
  onInstant(@Payload() published: PublishedInstant): Promise<void> {
    return this.runtime.handleInstant(published);
  }
}
