#!/usr/bin/env node
// The one executable. In a checkout it brings the build up to date first (a blink when nothing changed), so it always runs
// its own code; an image (NODE_ENV=production) holds only what was built, and no compiler.
'use strict';
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const root = join(__dirname, '..', '..', '..');
const upToDate =
  process.env.NODE_ENV === 'production'
    ? Promise.resolve()
    : import(pathToFileURL(join(root, 'tools', 'build.mjs')).href).then(({ build }) => build());
upToDate.then(
  () => {
    const { main, watchProcess } = require('../dist/keel.js');
    watchProcess();
    return main(process.argv);
  },
  (error) => {
    process.stderr.write(
      `keel: the build could not be brought up to date: ${error.message}\nWhere the checkout cannot be written, build it once with \`node tools/build.mjs\` and set NODE_ENV=production.\n`,
    );
    process.exit(1);
  },
);
