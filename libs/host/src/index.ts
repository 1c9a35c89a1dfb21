export { governanceReader, hostNanoseconds, serveCore } from './core-service';
export type { CoreServiceOptions } from './core-service';
export { openShell, parseHostEnvironment, runMain, serve } from './process-shell';
export type { ProcessShell, ShellApplication } from './process-shell';
export { ServiceModule } from './service.module';
