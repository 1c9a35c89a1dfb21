// Installs what is missing: locked npm dependencies, generated code, compiled libraries, nats-server. Says what it does;
// does nothing the second time.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root } from './root.mjs';

const say = (line) => process.stderr.write(`setup: ${line}\n`);
const NODE_MIN = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  process.stderr.write(
    `Evenkeel needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}. Install a newer one and try again.\n`,
  );
  process.exit(2);
}

async function installDependencies() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.evenkeel-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  say('installing the locked npm dependencies');
  const started = Date.now();
  const waiting = setInterval(() => {
    say(`npm is still installing (${Math.round((Date.now() - started) / 1000)} s)`);
  }, 5_000);
  const installing = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const status = await new Promise((resolve) => {
    installing.on('close', resolve);
    installing.on('error', () => resolve(1));
  });
  clearInterval(waiting);
  if (status !== 0) {
    process.stderr.write('setup: npm ci failed; see above\n');
    process.exit(1);
  }
  writeFileSync(stamp, hash);
}

export { root };

/** Everything that npm start, npm test and the bench need. */
export async function setup({ servers = true } = {}) {
  checkNode();
  await installDependencies();
  const { build } = await import(pathToFileURL(join(root, 'tools', 'build.mjs')).href);
  const compiled = await build();
  if (compiled > 0) say(`compiled ${compiled} files`);
  if (servers && !process.env.NATS_URL) {
    const require = createRequire(import.meta.url);
    // By its file: the whole library would load a third of everything for it.
    const binary = join(root, 'libs', 'adapter-nats', 'dist', 'server', 'nats-server-binary.js');
    const { findNatsServer } = require(binary);
    try {
      findNatsServer(join(root, '.evenkeel', 'bin'), (line) => say(line));
    } catch (error) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  say('ready');
}
