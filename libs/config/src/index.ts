export { hostEnvironment, parseEnvironment, pinnedRoster, withFiles } from './environment';
export type { HostEnvironment } from './environment';
export { KillFolder } from './kill-folder';
export type { FoundLatch } from './kill-folder';
export { loadTape, readNamedFile } from './tape-files';
export { VERSION } from './version';
