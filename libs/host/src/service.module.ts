import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { ServiceRuntime } from '@evenkeel/adapter-nats';
import { HEALTH, HealthController, METRICS } from '@evenkeel/telemetry';
import { JournalConsumer } from './journal.consumer';
import { MarketConsumer } from './market.consumer';
import type { ProcessShell } from './process-shell';
import { RUNTIME } from './runtime-token';

/** What every service process shows; with a runtime, also what it takes in. */
@Module({})
export class ServiceModule {
  static with<State, Effect>(
    shell: Pick<ProcessShell, 'health' | 'metrics'>,
    runtime?: ServiceRuntime<State, Effect>,
    endpoints: readonly DynamicModule[] = [],
  ): DynamicModule {
    const consumers = runtime === undefined ? [] : [JournalConsumer, MarketConsumer];
    return {
      module: ServiceModule,
      imports: [...endpoints],
      controllers: [HealthController, ...consumers],
      providers: [
        { provide: HEALTH, useValue: shell.health },
        { provide: METRICS, useValue: shell.metrics },
        ...(runtime === undefined ? [] : [{ provide: RUNTIME, useValue: runtime }]),
      ],
    };
  }
}
