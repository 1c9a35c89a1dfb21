export { governanceReader, hostNanoseconds, serveCore } from './core-service';
export type { CoreServiceOptions } from './core-service';
export { readFloorFile } from './floor-file';
export { checkLedgerFloor } from './journal-floor';
export type { HeldFloor } from './journal-floor';
export { openShell, parseHostEnvironment, runMain, serve } from './process-shell';
export type { ProcessShell, ShellApplication } from './process-shell';
export { ServiceModule } from './service.module';
