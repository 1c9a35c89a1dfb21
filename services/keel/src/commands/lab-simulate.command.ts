import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readNamedText } from '@evenkeel/config';
import { InvalidInputError, required } from '@evenkeel/kernel';
import { ProgressLine } from '../run/progress-line';

interface SimulateFlags {
  readonly config?: string;
  readonly json?: boolean;
  readonly workers?: string;
}

export function addLabSimulateCommand(lab: Command): void {
  lab
    .command('simulate')
    .description('Monte Carlo: a hedged book on a simulated market (gbm, heston, merton)')
    .requiredOption('--config <file>', 'what to simulate, JSON (docs/lab.md)')
    .option('--workers <number>', 'threads; the result is the same for any number')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  keel lab simulate --config samples/simulation.json --json --workers 2\n',
    )
    .action((flags: SimulateFlags) => simulateFile(flags));
}

async function simulateFile(flags: SimulateFlags): Promise<void> {
  const workers = workersOf(flags.workers);
  const path = resolve(flags.config ?? '');
  const written = readJson(path);
  const { withSimulationThreads } = await import('./simulation-workers');
  const result = await withSimulationThreads(workers, async (run) => {
    const { parseSimulation, planSimulation, summarise } = await import('@evenkeel/simulation');
    const parsed = parseSimulation(written);
    if (!parsed.ok) throw new InvalidInputError(path, parsed.problems);
    const { config } = parsed;
    const policies = [config.hedge.policy];
    const progress = new ProgressLine(flags.json === true);
    const [outcomes] = await run({ config, policies }, (done) =>
      progress.show(done, `${Math.round(done * config.paths)} paths`),
    );
    progress.clear();
    return summarise(planSimulation(config, policies), required(outcomes, 'the outcomes of the policy'));
  });
  const { renderSimulation } = await import('@evenkeel/simulation');
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : renderSimulation(result));
}

/** Threads to use: as told, from 1 to 64, or as many as the machine runs at once. */
export function workersOf(written: string | undefined): number {
  if (written === undefined) return Math.min(availableParallelism(), 64);
  const workers = Number(written);
  if (!Number.isInteger(workers) || workers < 1 || workers > 64)
    throw new InvalidInputError('the command', [
      { path: '--workers', message: `must be a whole number from 1 to 64, not "${written}"` },
    ]);
  return workers;
}

/** The JSON of a file that a person named. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readNamedText(path));
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [
      { path: '(file)', message: `is not JSON: ${error instanceof Error ? error.message : String(error)}` },
    ]);
  }
}
