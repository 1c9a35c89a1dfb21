import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { DirectKill } from './direct-kill';
import { KillController } from './kill.controller';

@Module({})
export class KillModule {
  static with(kill: DirectKill): DynamicModule {
    return {
      module: KillModule,
      controllers: [KillController],
      providers: [{ provide: DirectKill, useValue: kill }],
    };
  }
}
