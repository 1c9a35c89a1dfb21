// npm start: installs what is missing, then runs the demonstration book on the built-in market through all five services.
// Arguments go to `keel run`: npm start -- --tape FILE --book FILE
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

await setup();
// A person is told how the result compares with simple rules; what a program reads, or what runs in real time, is not compared.
const given = process.argv.slice(2);
const compare = ['--json', '--venue', '--exchange', '--compare'].some((flag) => given.includes(flag))
  ? []
  : ['--compare'];
const child = spawn(
  process.execPath,
  [join(root, 'services', 'keel', 'bin', 'keel.js'), 'run', ...compare, ...given],
  { stdio: 'inherit' },
);
// Ctrl-C reaches the child by itself; here it must only not end us before the child has put everything away.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
