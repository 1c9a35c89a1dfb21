import { anvilBinary } from '../src/local-chain/anvil';

/** A suite that needs the local chain: where no binary fits this machine it says so and is skipped. */
export function describeWithAnvil(name: string, tests: () => void): void {
  if (anvilBinary() !== undefined) return describe(name, tests);
  process.stderr.write(`skipped: ${name} (no anvil for ${process.platform} ${process.arch})\n`);
  describe.skip(name, tests);
}

/** The whole size of a check with EK_SOAK=1, a smaller one otherwise. */
export function sized(whole: number, small: number): number {
  return process.env['EK_SOAK'] === '1' ? whole : small;
}
