import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { commitOfCheckout } from './checkout';

const COMMIT = 'ab'.repeat(20);

describe('the commit of a checkout', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-checkout-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const checkout = (name: string, files: Readonly<Record<string, string>>): string => {
    const root = join(dir, name);
    for (const [path, text] of Object.entries({ 'package.json': '{"name":"evenkeel"}', ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    mkdirSync(join(root, 'libs', 'deep'), { recursive: true });
    return join(root, 'libs', 'deep');
  };

  it('is that of its branch, loose or packed, or its own where it is on none', () => {
    const head = { '.git/HEAD': 'ref: refs/heads/main\n' };
    const loose = checkout('loose', { ...head, '.git/refs/heads/main': `${COMMIT}\n` });
    expect(commitOfCheckout(loose)).toBe(COMMIT);
    const packed = `# pack-refs with: peeled\n${'cd'.repeat(20)} refs/heads/other/refs/heads\n${COMMIT} refs/heads/main\n`;
    expect(commitOfCheckout(checkout('packed', { ...head, '.git/packed-refs': packed }))).toBe(COMMIT);
    expect(commitOfCheckout(checkout('detached', { '.git/HEAD': `${COMMIT}\n` }))).toBe(COMMIT);
  });

  it('is that of a worktree, whose branches lie with the repository', () => {
    checkout('whole', {
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/refs/heads/side': `${COMMIT}\n`,
      '.git/worktrees/side/HEAD': 'ref: refs/heads/side\n',
      '.git/worktrees/side/commondir': '../..\n',
    });
    const worktree = checkout('side', {
      '.git': `gitdir: ${join(dir, 'whole', '.git', 'worktrees', 'side')}\n`,
    });
    expect(commitOfCheckout(worktree)).toBe(COMMIT);
  });

  it('is unknown without one, in somebody else’s, before the first commit, and where it cannot be read', () => {
    const git = { '.git/HEAD': `${COMMIT}\n` };
    expect(commitOfCheckout(checkout('none', {}))).toBe('unknown');
    expect(commitOfCheckout(checkout('other', { ...git, 'package.json': '{"name":"other"}' }))).toBe(
      'unknown',
    );
    expect(commitOfCheckout(checkout('new', { '.git/HEAD': 'ref: refs/heads/main\n' }))).toBe('unknown');
    expect(commitOfCheckout(checkout('broken', { '.git': 'gitdir: /nowhere\n' }))).toBe('unknown');
  });
});
