import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const UNKNOWN = 'unknown';
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** The commit that this software's own checkout stands at, without a git binary; `unknown` outside one. */
export function commitOfCheckout(from: string = __dirname): string {
  const root = rootOf(from);
  try {
    return root === undefined ? UNKNOWN : (headOf(gitFolderOf(join(root, '.git'))) ?? UNKNOWN);
  } catch {
    return UNKNOWN; // a repository that cannot be read says nothing of what runs
  }
}

/** The nearest folder above that is a checkout; only of this workspace, not of one that this is installed in. */
function rootOf(from: string): string | undefined {
  if (existsSync(join(from, '.git')))
    return nameOf(join(from, 'package.json')) === 'evenkeel' ? from : undefined;
  const parent = dirname(from);
  return parent === from ? undefined : rootOf(parent);
}

function nameOf(path: string): unknown {
  if (!existsSync(path)) return undefined;
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'name' in parsed ? parsed.name : undefined;
}

/** Of a worktree, `.git` is a file that names the folder. */
function gitFolderOf(path: string): string {
  if (statSync(path).isDirectory()) return path;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
  return named === undefined ? path : resolve(dirname(path), named);
}

function headOf(folder: string): string | undefined {
  const head = readFileSync(join(folder, 'HEAD'), 'utf8').trim();
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  if (ref === undefined) return COMMIT.test(head) ? head : undefined;
  // Branches of a worktree lie with the repository that it belongs to.
  const common = join(folder, 'commondir');
  const shared = existsSync(common) ? resolve(folder, readFileSync(common, 'utf8').trim()) : folder;
  const loose = [folder, shared].map((dir) => join(dir, ref)).find((path) => existsSync(path));
  if (loose !== undefined) {
    const commit = readFileSync(loose, 'utf8').trim();
    return COMMIT.test(commit) ? commit : undefined;
  }
  const packed = join(shared, 'packed-refs');
  const lines = existsSync(packed) ? readFileSync(packed, 'utf8').split('\n') : [];
  const commit = lines.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
  return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
}
