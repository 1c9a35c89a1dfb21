import { execFileSync, spawnSync } from 'node:child_process';
import type { ExecFileSyncOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';

const VERSION_MIN = [2, 14] as const;

/** The build that we fetch: infra/nats/server.json. */
interface PinnedServer {
  readonly version: string;
  readonly debianPackage: string;
  readonly suite: string;
  /** An archive that keeps every package it ever had. */
  readonly snapshot: string;
  /** Of the executable, by Node's name of the architecture. */
  readonly sha256: Readonly<Record<string, string>>;
}

function pinnedServer(): PinnedServer {
  const path = resolve(__dirname, '..', '..', '..', '..', 'infra', 'nats', 'server.json');
  return JSON.parse(readFileSync(path, 'utf8')) as PinnedServer; // our own file, in the repository
}

/** Whether a file is, to the byte, the server that infra/nats/server.json names for this machine. */
export function isPinnedServer(path: string): boolean {
  const found = createHash('sha256').update(readFileSync(path)).digest('hex');
  return found === pinnedServer().sha256[process.arch];
}

/** `2.15.1` of a nats-server executable; undefined when it does not run. */
export function versionOf(binary: string): string | undefined {
  const result = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return /v(\d+\.\d+\.\d+)/.exec(result.stdout ?? '')?.[1];
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1]);
}

/**
 * A nats-server 2.14 or newer: `EK_NATS_SERVER`, one we fetched before, one on the PATH, or Debian's package unpacked
 * (not installed) into `toolsDir`. What we fetch, or fetched, runs only if it is the pinned build to the byte.
 * Throws `NATS.SERVER_MISSING` with what to do.
 */
export function findNatsServer(toolsDir: string, say: (line: string) => void): string {
  const named = process.env['EK_NATS_SERVER'];
  const own = join(toolsDir, 'nats-server');
  for (const candidate of named === undefined ? [own, 'nats-server'] : [named]) {
    if (candidate === own && !(existsSync(own) && isPinnedServer(own))) continue;
    const version = versionOf(candidate);
    if (version !== undefined && isNewEnough(version)) return candidate;
    if (candidate === named)
      throw missing(version === undefined ? `${named} does not run` : `${named} is version ${version}`);
  }
  if (existsSync('/usr/bin/apt-get')) {
    say('nats-server: fetching it from the Debian archive (once)');
    return fetchFromDebian(own);
  }
  throw missing('none was found');
}

function missing(what: string, cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'NATS.SERVER_MISSING',
    cause,
    message: `nats-server ${VERSION_MIN.join('.')} or newer is needed, but ${what}: install it (macOS: "brew install nats-server"; elsewhere: the official release), or set EK_NATS_SERVER to its path or NATS_URL to a running server.`,
  });
}

/**
 * Debian 12's own package is too old; the testing suite's runs on it. Unpacks without installing, with private lists and
 * caches. Where the configured mirror has moved on, Debian's archive of everything still has the pinned build.
 */
function fetchFromDebian(target: string): string {
  const { snapshot } = pinnedServer();
  const work = mkdtempSync(join(tmpdir(), 'evenkeel-nats-'));
  try {
    const archives = [`deb ${debianMirror()}`, `deb [check-valid-until=no] ${snapshot}`];
    const unpacked = firstThatGives(archives, work);
    if (!isPinnedServer(unpacked)) throw missing('the Debian archive gave other bytes than the pinned build');
    mkdirSync(join(target, '..'), { recursive: true });
    copyFileSync(unpacked, target);
    chmodSync(target, 0o755);
    return target;
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw missing('fetching it from the Debian archive failed', cause);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function firstThatGives(archives: readonly string[], work: string): string {
  let refusal: unknown;
  for (const [index, archive] of archives.entries()) {
    try {
      return unpackFrom(archive, join(work, String(index)));
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** Downloads and unpacks the pinned package, whose signature apt checks; the path of the server in it. */
function unpackFrom(archive: string, work: string): string {
  const { suite, debianPackage } = pinnedServer();
  for (const dir of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, dir), { recursive: true });
  writeFileSync(join(work, 'sources.list'), `${archive} ${suite} main\n`);
  const options = [
    ['Dir::Etc::SourceList', join(work, 'sources.list')],
    ['Dir::Etc::SourceParts', '/dev/null'],
    ['Dir::State::Lists', join(work, 'lists')],
    ['Dir::Cache', join(work, 'cache')],
    ['APT::Sandbox::User', 'root'],
    ['Acquire::Languages', 'none'],
  ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const quiet: ExecFileSyncOptions = { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] };
  execFileSync('apt-get', [...options, '-qq', 'update'], quiet);
  execFileSync('apt-get', [...options, '-qq', 'download', `nats-server=${debianPackage}`], quiet);
  const deb = readdirSync(work).find((name) => name.endsWith('.deb'));
  if (deb === undefined) throw missing('the Debian archive did not give one');
  execFileSync('dpkg', ['-x', join(work, deb), join(work, 'root')]);
  const unpacked = ['bin', 'sbin']
    .map((folder) => join(work, 'root', 'usr', folder, 'nats-server'))
    .find((path) => existsSync(path));
  if (unpacked === undefined) throw missing('the Debian package holds none');
  return unpacked;
}

/** The archive that this machine's apt is configured for. */
function debianMirror(): string {
  const lines = execFileSync(
    'apt-get',
    ['indextargets', '--format', '$(REPO_URI) $(CREATED_BY) $(CODENAME)'],
    { encoding: 'utf8' },
  ).split('\n');
  const uris = lines.filter((line) => line.includes(' Packages')).map((line) => line.split(' ')[0] ?? '');
  const mirror = uris.find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined) throw missing('apt has no Debian archive configured');
  return mirror;
}
