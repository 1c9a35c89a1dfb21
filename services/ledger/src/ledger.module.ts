import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { ProcessShell } from '@evenkeel/host';
import { HEALTH, HealthController, METRICS } from '@evenkeel/telemetry';

@Module({})
export class LedgerModule {
  static with(shell: ProcessShell): DynamicModule {
    return {
      module: LedgerModule,
      controllers: [HealthController],
      providers: [
        { provide: HEALTH, useValue: shell.health },
        { provide: METRICS, useValue: shell.metrics },
      ],
    };
  }
}
