import { createProgramCore } from '@evenkeel/hedging';
import { openShell, parseHostEnvironment, runMain, serveCore } from '@evenkeel/host';

runMain('strategy', async () => {
  const shell = await openShell('strategy', parseHostEnvironment('strategy'));
  await serveCore({
    shell,
    package: '@evenkeel/hedging',
    createCore: () => createProgramCore(),
  });
});
