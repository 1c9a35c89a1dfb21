import { createProgramCore } from '@evenkeel/hedging';
import { openShell, parseHostEnvironment, runMain, serveCore } from '@evenkeel/host';
import { StrategyModule } from './strategy.module';

runMain('strategy', async () => {
  const shell = await openShell('strategy', parseHostEnvironment('strategy'));
  await serveCore({
    shell,
    createCore: () => createProgramCore(),
    module: (runtime) => StrategyModule.with(shell, runtime),
  });
});
