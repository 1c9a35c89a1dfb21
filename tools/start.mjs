// npm start: installs what is missing, then runs the demonstration book on the built-in market through all five services.
// Arguments go to `keel run`: npm start -- --tape FILE --book FILE
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

await setup();
// A person is told how the result compares with simple rules; what a program reads, or what runs in real time, is not compared.
const given = process.argv.slice(2);
const compare = ['--json', '--venue', '--exchange', '--compare'].some((flag) => given.includes(flag))
  ? []
  : ['--compare'];
// In this very process: what is needed is there, and nobody has to look again.
const { main, watchProcess } = createRequire(import.meta.url)(
  join(root, 'services', 'keel', 'dist', 'keel.js'),
);
watchProcess();
process.argv.splice(2, given.length, 'run', ...compare, ...given);
await main(process.argv);
