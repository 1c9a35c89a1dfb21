// Which checkout a bench measures: this one, or the build before beside which a row stands.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './root.mjs';

/** The build that "before" means: the last one before the pipeline was made for speed. */
export const BEFORE = '2dd81a0';

/** The checkout whose packages are measured. */
export const measuredTree = process.env.EK_BENCH_TREE ?? root;

/** `require` as the bench's file has it, in the measured checkout. */
export function requireMeasured(url) {
  return createRequire(join(measuredTree, relative(root, fileURLToPath(url))));
}

/** The path of the built checkout of BEFORE, made at its first use; undefined where this clone does not hold that commit. */
export function builtBefore() {
  const tree = join(root, '.evenkeel', 'before', BEFORE);
  if (!existsSync(tree)) {
    try {
      execFileSync('git', ['worktree', 'prune'], { cwd: root });
      execFileSync('git', ['worktree', 'add', '--quiet', '--detach', tree, BEFORE], {
        cwd: root,
        stdio: 'pipe',
      });
    } catch (error) {
      process.stderr.write(
        `bench: no figures of ${BEFORE}, this clone does not hold it (${error.message})\n`,
      );
      return undefined;
    }
  }
  execFileSync(process.execPath, [join(tree, 'tools', 'setup.mjs')], {
    cwd: tree,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return tree;
}
