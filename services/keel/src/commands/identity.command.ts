import type { Command } from 'commander';
import type { Enrolment, Role } from '@evenkeel/governance';
import { InvalidInputError } from '@evenkeel/kernel';
import { homeOf } from '../stack/home';

interface CreateFlags {
  readonly role: readonly string[];
  readonly issuer?: string;
  readonly subject?: string;
  readonly json?: boolean;
}

interface ProviderFlags {
  readonly jwks: string;
  readonly audience: string;
  readonly json?: boolean;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

export function addIdentityCommands(program: Command): void {
  const identity = program.command('identity').description('who may propose, approve and look');
  identity
    .command('create <name>')
    .description('enrol a person with a fresh local key, or with an account of an identity provider')
    .option(
      '--role <role>',
      'viewer, trader, risk-officer, auditor, administrator; repeat for several',
      collect,
      [],
    )
    .option('--issuer <url>', 'identity provider, instead of a local key')
    .option('--subject <id>', 'account at the identity provider')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nThe roster is the first fact of every epoch that is opened afterwards; while one runs, `keel propose roles` changes it.\n\nExample:\n  keel identity create tess --role trader\n  keel identity create rita --role risk-officer --issuer https://login.example --subject 0a1b\n',
    )
    .action((name: string, flags: CreateFlags) => create(name, flags));
  identity
    .command('provider <issuer>')
    .description(
      'enrol an identity provider by the keys it signs tokens with; again, to rotate or withdraw keys',
    )
    .requiredOption('--jwks <file>', 'its public keys, a JWK set')
    .requiredOption('--audience <name>', 'whom its tokens must be for')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  keel identity provider https://login.example --jwks keys.json --audience evenkeel\n',
    )
    .action((issuer: string, flags: ProviderFlags) => provider(issuer, flags));
  identity
    .command('list')
    .description('the roster')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel identity list\n')
    .action((flags: { json?: boolean }) => list(flags.json === true));
}

async function create(name: string, flags: CreateFlags): Promise<void> {
  const { ROLES, Roster } = await import('../governance/roster');
  const known: ReadonlySet<string> = new Set(ROLES);
  const { issuer, subject } = flags;
  const problems = [
    ...(flags.role.length === 0 ? [{ path: '--role', message: `is needed: ${ROLES.join(', ')}` }] : []),
    ...flags.role
      .filter((role) => !known.has(role))
      .map((role) => ({ path: '--role', message: `"${role}" is not ${ROLES.join(', ')}` })),
    ...((issuer === undefined) === (subject === undefined)
      ? []
      : [{ path: '--issuer', message: 'and --subject go together' }]),
  ];
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  const roster = new Roster(homeOf().governance);
  const enrolled = roster.add({
    identity: name,
    roles: flags.role as readonly Role[], // checked above
    ...(issuer === undefined || subject === undefined ? {} : { account: { issuer, subject } }),
  });
  show([enrolled], flags.json === true);
  sayWaiting(roster.waits(name));
  await sayWhen(roster.all(), roster.pin() !== undefined);
}

async function provider(issuer: string, { jwks, audience, json }: ProviderFlags): Promise<void> {
  const [{ Roster }, { readNamedText }] = await Promise.all([
    import('../governance/roster'),
    import('@evenkeel/config'),
  ]);
  const roster = new Roster(homeOf().governance);
  show([roster.addProvider(issuer, readNamedText(jwks), audience)], json === true);
  sayWaiting(roster.waits(issuer));
}

/** When a person counts, and whether governance can open at all: said at once, and not by the run that needs it. */
async function sayWhen(people: readonly Enrolment[], pinned: boolean): Promise<void> {
  const { runningStack } = await import('../stack/background');
  const administrators = people.filter(({ roles }) => roles.includes('administrator')).length;
  if (administrators < 2)
    process.stderr.write(
      `governance opens with two administrators; there ${administrators === 1 ? 'is one' : 'is none'} so far\n`,
    );
  if (!pinned && runningStack(homeOf()) !== undefined)
    process.stderr.write(
      'counts from the next epoch that opens on; in an open one without a roster, from its first proposal on\n',
    );
}

function sayWaiting(path: string | undefined): void {
  if (path !== undefined)
    process.stderr.write(
      `governance has begun here, so two administrators enrol: \`keel propose roles ${path} --as …\`\n`,
    );
}

async function list(json: boolean): Promise<void> {
  const [{ Roster }, { rosterHash }] = await Promise.all([
    import('../governance/roster'),
    import('@evenkeel/governance'),
  ]);
  const roster = new Roster(homeOf().governance);
  const people = roster.all();
  show(people, json);
  if (!json && people.length > 0)
    process.stdout.write(`roster sha256 ${roster.pin() ?? rosterHash(people)}\n`);
}

function show(enrolments: readonly Enrolment[], json: boolean): void {
  const credential = ({ credentials }: Enrolment): string =>
    credentials
      .map(({ key, issuer, subject, jwk }) => key ?? jwk ?? `${subject ?? ''} at ${issuer ?? ''}`)
      .join(', ');
  process.stdout.write(
    json
      ? `${JSON.stringify(enrolments)}\n`
      : enrolments.map((one) => `${one.identity}  ${one.roles.join('+')}  ${credential(one)}\n`).join(''),
  );
}
