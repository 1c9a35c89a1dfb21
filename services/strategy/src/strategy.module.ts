import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { ServiceRuntime } from '@evenkeel/adapter-nats';
import { RUNTIME } from '@evenkeel/host';
import type { ProcessShell } from '@evenkeel/host';
import { HEALTH, HealthController, METRICS } from '@evenkeel/telemetry';
import { JournalConsumer } from './inbound/journal.consumer';

@Module({})
export class StrategyModule {
  static with<State, Effect>(shell: ProcessShell, runtime: ServiceRuntime<State, Effect>): DynamicModule {
    return {
      module: StrategyModule,
      controllers: [HealthController, JournalConsumer],
      providers: [
        { provide: RUNTIME, useValue: runtime },
        { provide: HEALTH, useValue: shell.health },
        { provide: METRICS, useValue: shell.metrics },
      ],
    };
  }
}
