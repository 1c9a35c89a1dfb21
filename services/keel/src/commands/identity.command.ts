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
  const enrolled = new Roster(homeOf().governance).add({
    identity: name,
    roles: flags.role as readonly Role[], // checked above
    ...(issuer === undefined || subject === undefined ? {} : { account: { issuer, subject } }),
  });
  show([enrolled], flags.json === true);
}

async function list(json: boolean): Promise<void> {
  const { Roster } = await import('../governance/roster');
  show(new Roster(homeOf().governance).all(), json);
}

function show(enrolments: readonly Enrolment[], json: boolean): void {
  const credential = ({ credentials }: Enrolment): string =>
    credentials.map(({ key, issuer, subject }) => key ?? `${subject ?? ''} at ${issuer ?? ''}`).join(', ');
  process.stdout.write(
    json
      ? `${JSON.stringify(enrolments)}\n`
      : enrolments.map((one) => `${one.identity}  ${one.roles.join('+')}  ${credential(one)}\n`).join(''),
  );
}
