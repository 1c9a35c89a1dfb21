import { openShell, parseHostEnvironment, runMain, serveCore } from '@evenkeel/host';
import { createRiskCore } from '@evenkeel/risk';
import { RiskModule } from './risk.module';

runMain('risk', async () => {
  const shell = await openShell('risk', parseHostEnvironment('risk'));
  await serveCore({
    shell,
    createCore: () => createRiskCore(),
    module: (runtime) => RiskModule.with(shell, runtime),
  });
});
