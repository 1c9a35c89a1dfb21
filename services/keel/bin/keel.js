#!/usr/bin/env node
// The one executable. Brings the build up to date first (a blink when nothing changed), so a checkout always runs its own code.
'use strict';
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const root = join(__dirname, '..', '..', '..');
import(pathToFileURL(join(root, 'tools', 'build.mjs')).href)
  .then(async ({ build }) => {
    await build();
    await require('../dist/main.js').main(process.argv);
  })
  .catch((error) => {
    process.stderr.write(
      `keel: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  });
