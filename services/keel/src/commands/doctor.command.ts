import type { Command } from 'commander';
import type { BusReport } from '@evenkeel/adapter-nats';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import { requiredBus } from '../stack/background';
import { homeOf } from '../stack/home';
import { EXIT } from './exit-codes';
import type { DatabaseLogin } from '../doctor/database';
import { settings } from '../stack/environment';

interface DoctorFlags {
  readonly apply?: boolean;
  readonly rights?: boolean;
  readonly json?: boolean;
}

interface BusFlags {
  readonly host?: readonly string[];
  readonly listen: string;
  readonly store: string;
  readonly serverDir?: string;
}

const collect = (host: string, all: readonly string[] = []): readonly string[] => [...all, host];

/** `keel doctor` and `keel bus`: what everything that we stand on is, against what it should be. */
export function addDoctorCommands(program: Command): void {
  program
    .command('doctor')
    .description(
      'what machine, NATS server, streams, rights, PostgreSQL and its logins are, against what they should be',
    )
    .option('--apply', 'as operator: make what is missing and bring the rest to its settings first')
    .option('--rights', 'list what each identity may publish, too')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 where anything is not as it should be.\n\nExample:\n  keel up && keel doctor\n',
    )
    .action((flags: DoctorFlags) => doctor(flags));
  program
    .command('bus <folder>')
    .description('write configuration, certificates and credentials for a NATS server that others run')
    .option('--host <name>', 'what clients call it; repeat for several', collect)
    .option('--listen <address>', 'where it listens', '0.0.0.0:4222')
    .option('--store <dir>', 'where it keeps its streams', '/data')
    .option('--server-dir <dir>', 'where it finds <folder>/server, when that is elsewhere')
    .addHelpText(
      'after',
      '\nThe folder then holds `server` (nats.conf, certificate) and one folder for each identity (credential, CA).\nKeys that are there stay.\n\nExample:\n  keel bus ./bus --host nats.internal --server-dir /etc/nats\n',
    )
    .action((folder: string, flags: BusFlags) => writeBus(folder, flags));
}

async function doctor({ apply, rights, json }: DoctorFlags): Promise<void> {
  const [{ machinePage, machineReport }, { databasePage, databaseReport }, { loadRights }] =
    await Promise.all([
      import('../doctor/machine'),
      import('../doctor/database'),
      import('@evenkeel/adapter-nats'),
    ]);
  const machine = machineReport(homeOf());
  const named = await databaseLogins();
  const database =
    typeof named === 'string' ? { logins: [], problems: [named] } : await databaseReport(named);
  const bus = await lookAtBus(apply === true);
  const identities = loadRights();
  const problems = [...machine.problems, ...bus.problems, ...database.problems];
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ ...bus.report, machine, database, identities, problems })}\n`
      : [
          verdict(problems),
          machinePage(machine),
          bus.report === undefined ? 'NATS is not reached\n\n' : pageOf(bus.report),
          databasePage(database),
          rights === true ? rightsPage(identities) : '',
        ].join(''),
  );
  if (problems.length > 0) process.exitCode = EXIT.failed;
}

/** What the bus is; why it cannot be looked at is one more problem, and the rest is looked at all the same. */
async function lookAtBus(
  apply: boolean,
): Promise<{ readonly report: BusReport | undefined; readonly problems: readonly string[] }> {
  const { connectNats, ensureStreams, reportBus, rightsFaults } = await import('@evenkeel/adapter-nats');
  const identity = apply ? 'operator' : 'observer';
  try {
    const connection = await connectNats(await requiredBus(homeOf(), identity), 'keel-doctor');
    try {
      if (apply) await ensureStreams(connection);
      const report = await reportBus(connection);
      const rights = report.server.authenticated ? await rightsFaults(connection, identity) : [];
      return { report, problems: [...problemsOf(report), ...rights] };
    } finally {
      await connection.close();
    }
  } catch (error) {
    return { report: undefined, problems: [problemOf(error)] };
  }
}

/** What we say is wrong, with its code; anything else is a fault of the program and goes on. */
function problemOf(error: unknown): string {
  if (!(error instanceof EvenkeelError)) throw error;
  return `${error.code}: ${error.message}`;
}

/** The logins that the environment names, each with what it is for; where it names none, that of the home's own server, or why it does not run. */
async function databaseLogins(): Promise<readonly DatabaseLogin[] | string> {
  const { databaseUrl, ledgerUrl } = settings();
  if (databaseUrl === undefined && ledgerUrl === undefined) {
    const { ledgerUrl: ownUrl } = await import('../stack/ledger-access');
    try {
      return [{ variable: 'server of this home', need: 'read', url: await ownUrl() }];
    } catch (error) {
      return problemOf(error);
    }
  }
  const migrates = databaseUrl !== undefined && databaseUrl !== ledgerUrl;
  return [
    ...(ledgerUrl === undefined
      ? []
      : [
          {
            variable: 'DATABASE_URL',
            need: migrates ? ('write' as const) : ('read' as const),
            url: ledgerUrl,
          },
        ]),
    ...(migrates
      ? [{ variable: 'EK_MIGRATE_DATABASE_URL', need: 'migrate' as const, url: databaseUrl }]
      : []),
  ];
}

/** What should not stay as it is, each with its place. */
function problemsOf({ server, streams }: BusReport): readonly string[] {
  return [
    ...server.differences,
    ...(server.tls ? [] : ['the server does not insist on TLS']),
    ...(server.authenticated ? [] : ['the server lets in whoever comes']),
    ...streams.flatMap(({ stream, differences }) => differences.map((one) => `${stream}: ${one}`)),
    ...streams
      .filter(({ fill }) => fill !== 'ok')
      .map(
        ({ stream, fill }) => `${stream} is ${fill === 'alert' ? 'above 85 %' : 'above 70 %'} of its room`,
      ),
  ];
}

function pageOf({ server, streams }: BusReport): string {
  const yes = (is: boolean): string => (is ? 'yes' : 'NO');
  const head =
    `nats-server ${server.version}, messages up to ${mebibytes(server.maxPayload)}, TLS ${yes(server.tls)}, ` +
    `credentials ${yes(server.authenticated)}, ${server.cluster === undefined ? 'no cluster' : `cluster ${server.cluster}`}\n\n`;
  const rows = streams.map(({ stream, messages, bytes, limit, replicas }) =>
    [
      stream.padEnd(26),
      String(messages).padStart(10),
      `${mebibytes(bytes)} of ${mebibytes(limit)}`.padStart(24),
      `R${replicas}`.padStart(4),
    ].join(' '),
  );
  return `${head}${rows.join('\n')}\n\n`;
}

function rightsPage(
  identities: Readonly<
    Record<
      string,
      { readonly does: string; readonly publishes: readonly string[]; readonly keys?: readonly string[] }
    >
  >,
): string {
  const rows = Object.entries(identities).map(([identity, { does, publishes, keys = [] }]) => {
    const may = [...publishes, ...keys.map((key) => `key ${key}`)];
    return `${identity.padEnd(13)} ${does}\n${may.map((one) => `${' '.repeat(14)}${one}\n`).join('')}`;
  });
  return `who may publish what; everybody may read every stream\n${rows.join('')}\n`;
}

function verdict(problems: readonly string[]): string {
  return problems.length === 0
    ? 'everything is as it should be\n\n'
    : `not as it should be:\n${problems.map((one) => `  ${one}\n`).join('')}\n`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 104_857_600 ? 1 : 0)} MiB`;
}

async function writeBus(folder: string, { host = [], listen, store, serverDir }: BusFlags): Promise<void> {
  if (!/^\S+:\d+$/.test(listen))
    throw new InvalidInputError('the command', [
      { path: '--listen', message: `must be host:port, not "${listen}"` },
    ]);
  const [{ writeBusFolder }, { resolve }] = await Promise.all([
    import('@evenkeel/adapter-nats'),
    import('node:path'),
  ]);
  const dir = resolve(folder);
  writeBusFolder(dir, {
    hosts: host,
    listen,
    storeDir: store,
    ...(serverDir === undefined ? {} : { serverDir }),
  });
  process.stdout.write(`${dir} holds server/nats.conf and a folder for each identity\n`);
}
