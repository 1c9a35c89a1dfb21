// C and C++ peers, built where a compiler and QuantLib's headers are; absent otherwise, and the bench says so.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '..', '..', '..', '.evenkeel', 'bench');

function compiled(name, compiler, flags, libraries) {
  const source = join(here, 'native', name);
  const hash = createHash('sha256')
    .update(readFileSync(source))
    .update(flags.join(' '))
    .digest('hex')
    .slice(0, 16);
  const binary = join(cache, `${name}-${hash}`);
  if (existsSync(binary)) return binary;
  try {
    mkdirSync(cache, { recursive: true });
    execFileSync(compiler, [...flags, '-o', binary, source, ...libraries], { stdio: 'ignore' });
    return binary;
  } catch {
    return undefined;
  }
}

/** A function per peer that runs it on the legs and gives its rates, or `undefined` where it cannot be built. */
export function nativePeers(legRows) {
  const flags = ['-O3', '-march=native'];
  const loop = compiled('loop.c', 'gcc', flags, ['-lm']);
  const quantlib = existsSync('/usr/include/ql/version.hpp')
    ? compiled('quantlib.cpp', 'g++', flags, ['-lQuantLib'])
    : undefined;
  mkdirSync(cache, { recursive: true });
  const file = join(cache, 'legs.bin');
  writeFileSync(file, Buffer.from(legRows.buffer));
  const runner = (binary) =>
    binary === undefined ? undefined : () => JSON.parse(execFileSync(binary, [file], { encoding: 'utf8' }));
  return { loop: runner(loop), quantlib: runner(quantlib) };
}
