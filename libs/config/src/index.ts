export { foldersOfHome, hostEnvironment, parseEnvironment, pinnedRoster, withFiles } from './environment';
export type { HostEnvironment } from './environment';
export { KillFolder } from './kill-folder';
export type { FoundLatch } from './kill-folder';
export { gunzipWithin, unreadable } from './bounded-files';
export { loadTape, readNamedFile, readNamedText } from './tape-files';
export { VERSION } from './version';
export { writeNamedFile } from './written-file';
