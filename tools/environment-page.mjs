// Writes docs/environment.md: every variable that a service or a command reads, from the schemas that parse them and from the list
// below of what is read elsewhere. `--check` fails when the page is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './root.mjs';

/** A schema is an object of variables, each with a comment that says what it is. `@secret`: it opens something. */
const SCHEMAS = [
  ['every service', 'libs/config/src/environment.ts'],
  ['price-ingest', 'services/price-ingest/src/config.ts'],
  ['execution', 'services/execution/src/config.ts'],
  ['ledger', 'services/ledger/src/config.ts'],
  ['keel', 'services/keel/src/stack/environment.ts'],
];

/** Read outside of a schema: folders, credentials of commands, and what only some commands need. */
export const ELSEWHERE = [
  [
    'keel',
    'EK_HOME',
    '`.evenkeel` beside the code',
    'Folder of the installation: everything that keel keeps lies there',
  ],
  ['keel', 'EK_IDENTITY_DIR', '`<EK_HOME>/identity`', 'Folder of keys of services, desk and bus'],
  [
    'keel',
    'EK_AUDIT_DIR',
    '`<EK_HOME>/audit`',
    'Folder of tree, checkpoints and, in development, the signing key: the ledger’s',
  ],
  [
    'keel',
    'NATS_CREDS_FILE',
    '',
    'Credential on somebody else’s NATS server: an nkey seed, or a JWT with its seed',
  ],
  [
    'keel',
    'NATS_CREDS_DIR',
    '',
    'Folder with one such file for each identity, for `keel run` and commands that act for several',
  ],
  ['keel', 'NATS_CA_FILE', 'what the machine trusts', 'Certificates that vouch for the NATS server'],
  ['keel', 'NATS_CERT_FILE', '', 'Certificate of the client’s own, where the NATS server asks for one'],
  ['keel', 'NATS_KEY_FILE', '', 'Its key'],
  [
    'keel',
    'EK_ROSTER_HASH',
    'of the home folder',
    'Hash of the roster that people’s approvals are judged by (`keel identity list` prints it)',
  ],
  [
    'keel',
    'EK_AUDIT_KEY',
    'the key in `EK_AUDIT_DIR`',
    'PKCS #8 PEM of the audit log’s signing key, for `keel epoch open --from-ledger`',
    'secret',
  ],
  ['keel', 'EK_AUDIT_KEY_FILE', '', 'A file of it'],
  ['keel', 'EK_OIDC_ISSUER', '', 'Its issuer: with audience and keys, all three or none'],
  ['keel', 'EK_OIDC_AUDIENCE', '', 'Its audience'],
  ['keel', 'EK_OIDC_JWKS', '', 'File of its public keys'],
  ['keel', 'EK_NATS_SERVER', 'found or fetched', 'The nats-server program of the embedded stack'],
  ['keel and every service', 'EK_NATS_REPLICAS', '`1`', 'Replicas of each stream; 3 on a cluster'],
  ['keel and every service', 'EK_MIGRATIONS', 'beside the build', 'Folder of the SQL migrations'],
  [
    'execution, keel venues',
    'EK_<VENUE>[_<NAME>]_KEY',
    '',
    'Key of an account at a venue; which name stands in `EK_VENUES` (docs/venues.md)',
    'secret',
  ],
  ['execution, keel venues', 'EK_<VENUE>[_<NAME>]_SECRET', '', 'Its secret', 'secret'],
  [
    'execution, keel venues',
    'EK_<VENUE>[_<NAME>]_PASSPHRASE',
    '',
    'Its passphrase, where the venue has one',
    'secret',
  ],
];

/** Of our tests and benches: nobody who runs Evenkeel sets them. */
export const OF_TESTS = [
  'EK_SOAK',
  'EK_BENCH_TREE',
  'EK_DOCS_ALL',
  'EK_SHARED',
  'EK_SEED',
  'EK_CHROMIUM',
  'EK_NEWER_NODE',
  'EK_SAFETY_POINTS',
  'EK_REACH_SEED',
  'EK_FAULT_SEED',
  'EK_UPDATE_SCHEMAS',
  'EK_LIVE_TRACE',
];

export function variablesIn(path) {
  const text = readFileSync(join(root, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (
      ts.isPropertyAssignment(node) &&
      ts.isIdentifier(node.name) &&
      !ts.isStringLiteral(node.initializer) &&
      /^(EK|NATS|DATABASE|OTEL)_/.test(node.name.text)
    )
      found.push(variableOf(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function variableOf(node) {
  const name = node.name.text;
  const expression = node.initializer.getText();
  const [doc] = ts.getJSDocCommentsAndTags(node);
  const comment = (doc?.getText() ?? '')
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/\s*\n\s*\*?\s*/g, ' ')
    .trim();
  return {
    name,
    meaning: comment.replace(/\s*@secret/, '').trim(),
    default: defaultOf(expression),
    secret: comment.includes('@secret'),
  };
}

/** What holds where it is not set: the schema's default, nothing where it may be absent, or that it must be there. */
function defaultOf(expression) {
  const given = /\.default\(\s*([^()]*(?:\([^()]*\)[^()]*)*)\)/.exec(expression)?.[1]?.trim();
  if (given === "''" || given === "'{}'") return '';
  if (given !== undefined && given.startsWith('()')) return 'see there';
  if (given !== undefined) return `\`${given.replace(/^'|'$/g, '').replace(/_/g, '')}\``;
  return /\.(optional|exactOptional)\(/.test(expression) || /^[a-z]\w*$/.test(expression)
    ? ''
    : 'must be set';
}

export function environmentRows() {
  const parsed = SCHEMAS.flatMap(([of, path]) => variablesIn(path).map((one) => ({ of, ...one })));
  const elsewhere = ELSEWHERE.map(([of, name, standard, meaning, secret]) => ({
    of,
    name,
    default: standard,
    meaning,
    secret: secret === 'secret',
  }));
  return [...parsed, ...elsewhere];
}

export function environmentPage() {
  const rows = environmentRows().map(
    ({ of, name, default: standard, meaning, secret }) =>
      `| \`${name}\` | ${of} | ${standard} | ${meaning.replaceAll('|', '\\|')} | ${secret ? '**yes**' : ''} |`,
  );
  return `${[
    '# Environment',
    '',
    'Every variable that a service or a command reads. An empty one counts as absent. Each may come as a file: `<NAME>_FILE` names it, and',
    'what stands in it is the value; that is how secrets are mounted, and setting both is an error. What is wrong is said at once, all of it,',
    'with the name of each variable, and the process ends with 2. Which login goes where: [operations](operations.md#logins).',
    'Written by `node tools/environment-page.mjs` from the schemas that parse them.',
    '',
    '| variable | read by | default | meaning | secret |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')}\n`;
}

if (process.argv[1]?.endsWith('environment-page.mjs')) {
  const page = join(root, 'docs', 'environment.md');
  const wanted = environmentPage();
  if (process.argv.includes('--check'))
    process.exit(existsSync(page) && readFileSync(page, 'utf8') === wanted ? 0 : 1);
  writeFileSync(page, wanted);
}
