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
upToDate
  .then(async () => {
    await require('../dist/main.js').main(process.argv);
  })
  .catch((error) => {
    process.stderr.write(
      `keel: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  });
