export { ClockWatch, clockFault, clockLimits, parseTracking } from './clock-watch';
export type { ClockQuality, ClockWatchOptions } from './clock-watch';
export { RUNTIME, hostNanoseconds, serveCore } from './core-service';
export type { CoreServiceOptions } from './core-service';
export { openShell, parseHostEnvironment, runMain, serve } from './process-shell';
export type { ProcessShell, ShellApplication } from './process-shell';
