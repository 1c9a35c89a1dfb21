import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';

const VERSION_MIN = [2, 14] as const;

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
 * (not installed) into `toolsDir`. Throws `NATS.SERVER_MISSING` with what to do.
 */
export function findNatsServer(toolsDir: string, say: (line: string) => void): string {
  const named = process.env['EK_NATS_SERVER'];
  const own = join(toolsDir, 'nats-server');
  for (const candidate of named === undefined ? [own, 'nats-server'] : [named]) {
    if (candidate === own && !existsSync(own)) continue;
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

/** Debian 12's own package is too old; the testing suite's runs on it. Unpacks without installing, with private lists and caches. */
function fetchFromDebian(target: string): string {
  const work = mkdtempSync(join(tmpdir(), 'evenkeel-nats-'));
  try {
    const mirror = debianMirror();
    for (const dir of ['lists/partial', 'cache/archives/partial'])
      mkdirSync(join(work, dir), { recursive: true });
    writeFileSync(join(work, 'sources.list'), `deb ${mirror} forky main\n`);
    const options = [
      ['Dir::Etc::SourceList', join(work, 'sources.list')],
      ['Dir::Etc::SourceParts', '/dev/null'],
      ['Dir::State::Lists', join(work, 'lists')],
      ['Dir::Cache', join(work, 'cache')],
      ['APT::Sandbox::User', 'root'],
      ['Acquire::Languages', 'none'],
    ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    execFileSync('apt-get', [...options, '-qq', 'update'], { stdio: ['ignore', 'ignore', 'pipe'] });
    execFileSync('apt-get', [...options, '-qq', 'download', 'nats-server'], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw missing('the Debian archive did not give one');
    execFileSync('dpkg', ['-x', join(work, archive), join(work, 'root')]);
    mkdirSync(join(target, '..'), { recursive: true });
    const unpacked = ['bin', 'sbin']
      .map((folder) => join(work, 'root', 'usr', folder, 'nats-server'))
      .find((path) => existsSync(path));
    if (unpacked === undefined) throw missing('the Debian package holds none');
    copyFileSync(unpacked, target);
    chmodSync(target, 0o755);
    const version = versionOf(target);
    if (version === undefined || !isNewEnough(version))
      throw missing(`the Debian archive gave version ${version ?? 'unknown'}`);
    return target;
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw missing('fetching it from the Debian archive failed', cause);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
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
