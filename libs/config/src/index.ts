export { hostEnvironment, parseEnvironment, pinnedRoster } from './environment';
export type { HostEnvironment } from './environment';
export { loadTape, readNamedFile } from './tape-files';
export { VERSION } from './version';
