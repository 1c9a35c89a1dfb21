import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { InboundInstant, ServiceRuntime } from '@evenkeel/adapter-nats';
import { MARKET_INSTANT } from './nest/jetstream-strategy';
import { RUNTIME } from './runtime-token';

@Controller()
export class MarketConsumer {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime<unknown, unknown>) {}

  @EventPattern(MARKET_INSTANT)
  onInstant(@Payload() inbound: InboundInstant): Promise<void> {
    return this.runtime.handleInstant(inbound);
  }
}
