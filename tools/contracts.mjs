// node tools/contracts.mjs: compiles contracts/ with the compiler of its own lock (npm ci --prefix contracts) and writes contracts/artifacts.
// `--check` compares instead; `fuzz` runs forge's invariants; `defects` plants each known defect into a copy and asks that they find it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './root.mjs';

const folder = join(root, 'contracts');
const require = createRequire(join(folder, 'package.json'));

const USAGE = `Usage: node tools/contracts.mjs [command] [options]

  (none)                 compile and write contracts/artifacts
  --check                fail when contracts/artifacts was made from other sources; where the compiler is installed, compile and compare
  fuzz [--calls N]       forge invariants of the vault, N calls in all (default 200000)
  defects [--calls N]    plant each defect of contracts/forge/defects.json into a copy; each must be found within N calls
  --seed N               of fuzz and defects (default 1)
  --json                 print the result as JSON on one line
  --help                 this text

Needs: npm ci --prefix contracts --ignore-scripts
Example: node tools/contracts.mjs defects --calls 20000
`;

/** What ships, and what only tests deploy. */
const CONTRACTS = [
  ['src/EpochVault.sol', 'EpochVault'],
  ['src/TreasuryGuard.sol', 'TreasuryGuard'],
  ['test/solidity/OddToken.sol', 'OddToken'],
  ['test/solidity/SettableFeed.sol', 'SettableFeed'],
  ['test/solidity/LyingRouter.sol', 'LyingRouter'],
];
/** No metadata hash: the bytes depend on the source and these settings, not on where the files lay. */
const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: 'cancun',
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

class Refusal extends Error {}
/** What was looked for was found, or not: the command ran. */
class Finding extends Refusal {}

/** Our sources that a file is made of, itself first, found by following its imports; and whose package the rest comes from. */
function sourcesOf(file, found = new Map()) {
  if (found.has(file)) return found;
  const text = readFileSync(join(folder, file), 'utf8');
  found.set(file, text);
  for (const [, path] of text.matchAll(/import \{[^}]*\} from "(\.[^"]+)"/g))
    sourcesOf(join(dirname(file), path), found);
  return found;
}

/** Identifies what an artifact was made from: sources, settings, and the lock that names compiler and OpenZeppelin with their hashes. */
function identityOf(file) {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const integrity = (name) => lock[`node_modules/${name}`].integrity;
  const sources = Object.fromEntries(
    [...sourcesOf(file)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => [name, sha256(text)]),
  );
  return {
    sources,
    settings: SETTINGS,
    compiler: { solc: integrity('solc'), openzeppelin: integrity('@openzeppelin/contracts') },
  };
}

function installed(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function required(name) {
  if (!installed(name))
    throw new Refusal(`${name} is not installed: npm ci --prefix contracts --ignore-scripts`);
  return require.resolve(name);
}

function compile() {
  const solc = require(required('solc'));
  const sources = Object.fromEntries(
    CONTRACTS.map(([file]) => [file, { content: readFileSync(join(folder, file), 'utf8') }]),
  );
  const input = {
    language: 'Solidity',
    sources,
    settings: { ...SETTINGS, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  };
  const find = (path) => {
    const at = [join(folder, path), join(folder, 'node_modules', path)].find((place) => existsSync(place));
    return at === undefined ? { error: `no ${path}` } : { contents: readFileSync(at, 'utf8') };
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  const ours = (output.errors ?? []).filter(
    ({ severity, sourceLocation }) => severity === 'error' || !sourceLocation?.file.startsWith('@'),
  );
  if (ours.length > 0) throw new Refusal(ours.map(({ formattedMessage }) => formattedMessage).join('\n'));
  return CONTRACTS.map(([file, name]) => {
    const { abi, evm } = output.contracts[file][name];
    const artifact = {
      contract: name,
      version: solc.version(),
      madeFrom: identityOf(file),
      abi,
      bytecode: `0x${evm.bytecode.object}`,
    };
    return { name, text: `${JSON.stringify(artifact, null, 1)}\n` };
  });
}

const artifactOf = (name) => join(folder, 'artifacts', `${name}.json`);

function build() {
  mkdirSync(join(folder, 'artifacts'), { recursive: true });
  const made = compile();
  for (const { name, text } of made) writeFileSync(artifactOf(name), text);
  return { contracts: made.map(({ name }) => name) };
}

/** Sources and settings can be compared anywhere, bytes where the compiler is. */
function check() {
  const compiled = installed('solc');
  const stale = compiled
    ? compile().filter(({ name, text }) => readFileSync(artifactOf(name), 'utf8') !== text)
    : CONTRACTS.map(([file, name]) => ({ file, name })).filter(({ file, name }) => {
        const { madeFrom } = JSON.parse(readFileSync(artifactOf(name), 'utf8'));
        return JSON.stringify(madeFrom) !== JSON.stringify(identityOf(file));
      });
  if (stale.length > 0)
    throw new Finding(
      `out of date: ${stale.map(({ name }) => name).join(', ')} (node tools/contracts.mjs writes them)`,
    );
  return { contracts: CONTRACTS.length, compiled };
}

/** forge takes any compiler that answers --version and --standard-json: a script around the one of npm does. */
const SOLC_SCRIPT = (solc) => `#!${process.execPath}
const solc = require(${JSON.stringify(solc)});
if (process.argv.includes('--version')) console.log('solc, the solidity compiler\\nVersion: ' + solc.version());
else process.stdout.write(solc.compile(require('node:fs').readFileSync(0, 'utf8')));
`;

function forgeBinary() {
  return required(
    `@foundry-rs/forge-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}/bin/forge`,
  );
}

/** A forge project in a folder of its own, with copies of our sources, so that a defect can be planted into them. */
function forgeProject(plant) {
  const project = mkdtempSync(join(tmpdir(), 'evenkeel-forge-'));
  for (const name of ['src', 'forge', 'test/solidity'])
    cpSync(join(folder, name), join(project, name), { recursive: true });
  symlinkSync(join(folder, 'node_modules'), join(project, 'node_modules'));
  writeFileSync(join(project, 'solc.cjs'), SOLC_SCRIPT(required('solc')), { mode: 0o755 });
  if (plant !== undefined) {
    const path = join(project, plant.file);
    const text = readFileSync(path, 'utf8');
    if (text.split(plant.from).length !== 2)
      throw new Refusal(`defect ${plant.name}: its text stands not once`);
    writeFileSync(
      path,
      text.replace(plant.from, () => plant.to),
    );
  }
  return project;
}

const DEPTH = 500;

function forgeConfig(project, calls, seed) {
  writeFileSync(
    join(project, 'foundry.toml'),
    `[profile.default]
src = "src"
test = "forge"
out = "out"
libs = ["node_modules"]
remappings = ["@openzeppelin/=node_modules/@openzeppelin/"]
solc = "./solc.cjs"
offline = true
optimizer = true
optimizer_runs = 200
evm_version = "cancun"
allow_paths = [${JSON.stringify(folder)}]
fuzz = { seed = "${seed}" }
invariant = { runs = ${Math.max(1, Math.ceil(calls / DEPTH))}, depth = ${DEPTH}, fail_on_revert = true, shrink_run_limit = 0 }
`,
  );
}

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, text }));
  });
}

/** Runs the invariants of a project; `held` is what forge counted, `broken` what it found broken and why. */
async function forge(calls, seed, plant) {
  const project = forgeProject(plant);
  try {
    forgeConfig(project, calls, seed);
    const { text } = await run(forgeBinary(), ['test', '--json', '--root', project], {
      cwd: project,
      env: { PATH: process.env.PATH, HOME: project },
    });
    // Before its result forge writes lines of JSON about how it gets on.
    const line = text.split('\n').find((one) => one.startsWith('{') && one.includes('"test_results"'));
    if (line === undefined) throw new Refusal(`forge said:\n${text}`);
    const results = Object.values(JSON.parse(line)).flatMap(({ test_results }) =>
      Object.entries(test_results),
    );
    const broken = results
      .filter(([, { status }]) => status !== 'Success')
      .map(([name, { reason }]) => `${name.replace('()', '')}: ${reason}`);
    const callsOf = results.map(([, { kind }]) => kind.Invariant?.calls ?? 0);
    return { invariants: results.length, calls: callsOf.reduce((sum, each) => sum + each, 0), broken };
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

async function fuzz(calls, seed) {
  const found = await forge(calls, seed);
  if (found.broken.length > 0) throw new Finding(`broken (seed ${seed}):\n${found.broken.join('\n')}`);
  if (found.calls < calls) throw new Finding(`only ${found.calls} of ${calls} calls were made`);
  return { seed, ...found };
}

async function defects(calls, seed) {
  const planted = JSON.parse(readFileSync(join(folder, 'forge', 'defects.json'), 'utf8'));
  const found = [];
  for (const defect of planted) {
    const { broken } = await forge(calls, seed, defect);
    found.push({ defect: defect.name, found: broken[0] ?? null });
  }
  const missed = found.filter((each) => each.found === null).map(({ defect }) => defect);
  if (missed.length > 0) throw new Finding(`not found (seed ${seed}): ${missed.join(', ')}`);
  return { seed, found };
}

function numberOf(args, name, otherwise) {
  const at = args.indexOf(name);
  if (at === -1) return otherwise;
  const value = Number(args[at + 1]);
  if (!Number.isSafeInteger(value) || value <= 0) throw new Refusal(`${name} wants a whole number above 0`);
  args.splice(at, 2);
  return value;
}

async function main(args) {
  if (args.includes('--help')) return process.stdout.write(USAGE);
  const json = args.includes('--json');
  const rest = args.filter((arg) => arg !== '--json');
  const calls = numberOf(rest, '--calls', 200_000);
  const seed = numberOf(rest, '--seed', 1);
  const [command = 'build', ...unknown] = rest;
  const commands = {
    build,
    '--check': check,
    fuzz: () => fuzz(calls, seed),
    defects: () => defects(calls, seed),
  };
  if (unknown.length > 0 || commands[command] === undefined)
    throw new Refusal(`unknown: ${[command, ...unknown].join(' ')}\n\n${USAGE}`);
  const result = await commands[command]();
  process.stdout.write(`${JSON.stringify(result, null, json ? undefined : 1)}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`contracts: ${error.message}\n`);
  process.exitCode = error instanceof Finding ? 1 : 2;
}
