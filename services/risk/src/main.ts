import { openShell, parseHostEnvironment, runMain, serveCore } from '@evenkeel/host';
import { createRiskCore } from '@evenkeel/risk';

runMain('risk', async () => {
  const shell = await openShell('risk', parseHostEnvironment('risk'));
  await serveCore({
    shell,
    package: '@evenkeel/risk',
    createCore: () => createRiskCore(),
  });
});
