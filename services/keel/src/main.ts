import '@evenkeel/platform';
import { Command, CommanderError } from 'commander';
import { VERSION } from '@evenkeel/config';
import { addAuditCommands } from './commands/audit.command';
import { addBookCommands } from './commands/book.command';
import { addDatabaseCommand } from './commands/database.command';
import { addDoctorCommands } from './commands/doctor.command';
import { addEpochCommand } from './commands/epoch.command';
import { addControlsListCommand } from './commands/controls-list.command';
import { addControlCommands } from './commands/controls.command';
import { addExportCommand } from './commands/export.command';
import { EXIT, explain } from './commands/exit-codes';
import { addGovernanceCommands } from './commands/governance.command';
import { addIdentityCommands } from './commands/identity.command';
import { addKeysCommands } from './commands/keys.command';
import { addQuarantineCommands } from './commands/quarantine.command';
import { addKillCommands } from './commands/kill.command';
import { addLabCompareCommand } from './commands/lab-compare.command';
import { addLabEvidenceCommand } from './commands/lab-evidence.command';
import { addLabScenarioCommand } from './commands/lab-scenario.command';
import { addLabFrontierCommand } from './commands/lab-frontier.command';
import { addLabSimulateCommand } from './commands/lab-simulate.command';
import { addLabWhatIfCommand } from './commands/lab-whatif.command';
import { addLedgerCommands } from './commands/ledger.command';
import { addPriceCommands } from './commands/price.command';
import { addSchemaCommand } from './commands/schema.command';
import { addLabRunCommand, addRunCommand } from './commands/run.command';
import { addStackCommands } from './commands/stack.command';
import { addStatusCommand } from './commands/status.command';
import { addTapeCommands } from './commands/tape.command';
import { addPnlCommand } from './commands/pnl.command';
import { addTcaCommands } from './commands/tca.command';
import { addWatchCommand } from './commands/watch.command';
import { addVenuesCommand } from './commands/venues.command';

export function createProgram(): Command {
  const program = new Command('keel')
    .description('Evenkeel: hedges options books, and can prove every decision')
    .version(VERSION);
  addRunCommand(program);
  const lab = program.command('lab').description('all cores in one process');
  addLabRunCommand(lab);
  addLabCompareCommand(lab);
  addLabEvidenceCommand(lab);
  addLabScenarioCommand(lab);
  addLabSimulateCommand(lab);
  addLabFrontierCommand(lab);
  addLabWhatIfCommand(lab);
  addAuditCommands(program);
  addLedgerCommands(program);
  addExportCommand(program);
  addStackCommands(program);
  addStatusCommand(program);
  addWatchCommand(program);
  addKillCommands(program);
  addControlCommands(program);
  addControlsListCommand(program);
  addBookCommands(program);
  addVenuesCommand(program);
  addGovernanceCommands(program);
  addIdentityCommands(program);
  addKeysCommands(program);
  addQuarantineCommands(program);
  addPriceCommands(program);
  addTcaCommands(program);
  addPnlCommand(program);
  addDoctorCommands(program);
  addDatabaseCommand(program);
  addEpochCommand(program);
  addTapeCommands(program);
  addSchemaCommand(program);
  return program;
}

/** Parses the command line and runs it. Exit codes: 0 done, 1 failed or divergent, 2 invalid input or unreadable record. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  const strict = (command: Command): void => {
    command.exitOverride();
    command.commands.forEach(strict);
  };
  strict(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.invalid;
    else fail(error);
  }
}

function fail(error: unknown): void {
  const { message, code } = explain(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = code;
}

/** What the one executable watches over, for as long as it lives. */
export function watchProcess(): void {
  // What nobody waited for (a server that ends under an idle connection) is told like any other failure.
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  // Whoever has read enough (`| head`) closes the pipe: then there is nobody left to talk to, and nothing went wrong.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') fail(error);
    process.exit();
  });
  process.stderr.on('error', () => undefined);
}
