import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { requireWritable, writeNamedFile } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import type { FrontierConfig, PathOutcomes } from '@evenkeel/simulation';
import { ProgressLine } from '../run/progress-line';
import { quoted } from './quoted';
import { readJson, workersOf } from './lab-simulate.command';
import type { RunSimulation } from './simulation-workers';

interface FrontierFlags {
  readonly config: string;
  readonly out: string;
  readonly json?: boolean;
  readonly workers?: string;
}

export function addLabFrontierCommand(lab: Command): void {
  lab
    .command('frontier')
    .description('Monte Carlo: bands against fixed rules on the plane of cost and risk, over common paths')
    .requiredOption('--config <file>', 'a simulation with ladders of policies, JSON (docs/lab.md)')
    .requiredOption('--out <folder>', 'where frontier.md, frontier.svg and approach.svg go')
    .option('--workers <number>', 'threads; the result is the same for any number')
    .option('--json', 'print the figures as JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  keel lab frontier --config samples/frontier.json --out out/frontier\n',
    )
    .action((flags: FrontierFlags) => drawFrontier(flags));
}

async function drawFrontier(flags: FrontierFlags): Promise<void> {
  const workers = workersOf(flags.workers);
  const path = resolve(flags.config);
  requireWritable(flags.out, 'folder');
  const written = readJson(path);
  const { withSimulationThreads } = await import('./simulation-workers');
  const { config, outcomes } = await withSimulationThreads(workers, (run) =>
    simulated(path, written, run, new ProgressLine(flags.json === true)),
  );
  const simulation = await import('@evenkeel/simulation');
  const report = simulation.frontierOf(config, outcomes);
  const out = resolve(flags.out);
  const command = `npx keel lab frontier --config ${quoted(flags.config)} --out ${quoted(flags.out)}`;
  writeNamedFile(join(out, 'frontier.md'), simulation.renderFrontierPage(config, report, command));
  writeNamedFile(join(out, 'frontier.svg'), simulation.frontierCurves(report));
  writeNamedFile(join(out, 'approach.svg'), simulation.approachCurves(report));
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : `${join(out, 'frontier.md')}\n`);
}

/** Every simulation of the frontier that `written` asks for, one after the other. */
async function simulated(
  path: string,
  written: unknown,
  run: RunSimulation,
  progress: ProgressLine,
): Promise<{ readonly config: FrontierConfig; readonly outcomes: readonly (readonly PathOutcomes[])[] }> {
  const { frontierJobs, parseFrontier } = await import('@evenkeel/simulation');
  const parsed = parseFrontier(written);
  if (!parsed.ok) throw new InvalidInputError(path, parsed.problems);
  const { config } = parsed;
  const jobs = frontierJobs(config);
  const outcomes = [];
  for (const [index, job] of jobs.entries())
    outcomes.push(await run(job, (done) => progress.show(done, `simulation ${index + 1} of ${jobs.length}`)));
  progress.clear();
  return { config, outcomes };
}
