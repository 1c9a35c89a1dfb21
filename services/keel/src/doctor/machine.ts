import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VERSION } from '@evenkeel/config';
import { REPOSITORY } from '../stack/home';
import type { Home } from '../stack/home';

/** A folder that something of ours writes to. */
export interface FolderReport {
  readonly what: string;
  readonly path: string;
  readonly isThere: boolean;
  readonly writable: boolean;
  readonly freeBytes: number;
  /** Of the disk that it lies on. */
  readonly freeShare: number;
}

export interface MachineReport {
  readonly keel: string;
  readonly node: string;
  readonly platform: string;
  readonly folders: readonly FolderReport[];
  readonly problems: readonly string[];
}

const FREE_BYTES_MIN = 1024 ** 3;
const FREE_SHARE_MIN = 0.05;

/** Versions, folders and disks of this machine, and what should not stay so. */
export function machineReport(
  home: Home,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): MachineReport {
  const named = (variable: string): readonly [string, string][] => {
    const path = environment[variable];
    return path === undefined || path === '' ? [] : [[variable, path]];
  };
  const folders = [
    ['home', home.dir] as const,
    ['identity', home.identity] as const,
    ['audit', home.audit] as const,
    ...['EK_KILL_DIR', 'EK_FLOOR_DIR', 'EK_ARCHIVE_DIR'].flatMap(named),
  ].map(([what, path]) => folderReport(what, path));
  const node = process.versions.node;
  const wanted = oldestNode();
  return {
    keel: VERSION,
    node,
    platform: `${process.platform} ${process.arch}`,
    folders,
    problems: [
      ...(isOlder(node, wanted) ? [`Node ${node} is older than ${wanted}`] : []),
      ...folders.flatMap(problemsOfFolder),
    ],
  };
}

/** A folder that is not there yet is made where its first parent allows. */
function folderReport(what: string, path: string): FolderReport {
  const isThere = existsSync(path);
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const { bavail, blocks, bsize } = statfsSync(at);
  return {
    what,
    path,
    isThere,
    writable: mayWrite(at),
    freeBytes: bavail * bsize,
    freeShare: blocks === 0 ? 1 : bavail / blocks,
  };
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function problemsOfFolder({ what, path, writable, freeBytes, freeShare }: FolderReport): readonly string[] {
  const low = freeBytes < FREE_BYTES_MIN || freeShare < FREE_SHARE_MIN;
  return [
    ...(writable ? [] : [`${what} (${path}) cannot be written`]),
    ...(low
      ? [
          `the disk of ${what} (${path}) has ${(freeBytes / 1024 ** 3).toFixed(1)} GiB left, ${(freeShare * 100).toFixed(0)} %`,
        ]
      : []),
  ];
}

function oldestNode(): string {
  const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    readonly engines?: { readonly node?: string };
  }; // our own
  return (manifest.engines?.node ?? '').replace(/^[^\d]*/, '');
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (a?.[at] ?? 0) - (b?.[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

export function machinePage({ keel, node, platform, folders }: MachineReport): string {
  const lines = folders.map(
    ({ what, path, isThere, writable, freeBytes }) =>
      `  ${what.padEnd(14)} ${path}  ${isThere ? '' : 'not there yet, '}${writable ? 'writable' : 'NOT WRITABLE'}, ${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`,
  );
  return `keel ${keel} on Node ${node}, ${platform}\n${lines.join('\n')}\n\n`;
}
