import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { AskedOnRecord } from '@evenkeel/adapter-nats';
import type { ControlCommand, WantedControl } from '@evenkeel/governance';
import { InvalidInputError, parseDuration, Decimal } from '@evenkeel/kernel';
import { askedHere, awaitedAnswer, becameText } from '../stack/awaited-answer';
import { requiredBus } from '../stack/background';
import { homeOf } from '../stack/home';
import { EXIT } from './exit-codes';
import { addRestrictListCommand } from './restrict-list.command';

interface Flags {
  readonly book: string;
  readonly reason: string;
  readonly by: string;
  readonly instrument?: string;
  readonly for?: string;
  readonly upTo?: string;
  readonly acceptDifferences?: boolean;
  readonly future?: boolean;
  readonly wait?: boolean;
  readonly proposal?: string;
  readonly json?: boolean;
}

const HOW =
  '\nThe execution service puts it on the journal under your name, or turns it down there; waits a few seconds to hear which. See docs/controls.md.\n';

/** `keel throttle`, `keel override`, `keel venue`, `keel restrict`: what a named person may change while a book runs. */
export function addControlCommands(program: Command): void {
  const throttle = program.command('throttle').description('the repeated-execution throttle');
  asked(
    throttle.command('reset <instrument>'),
    'let an instrument trade again after its throttle has tripped',
  )
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel throttle reset BTCUSDT-PERP@binance --book btc-options --reason "cause found and fixed"\n`,
    )
    .action((instrument: string, flags: Flags) => send({ kind: 'throttle-reset', instrument }, flags));
  addOverrideCommands(program);
  const venue = program.command('venue').description('halted venues');
  asked(venue.command('resume <venue>'), 'let a book trade again at a venue that was halted')
    .option(
      '--accept-differences',
      'the differences last found are understood and do not halt again; nothing is corrected',
    )
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel venue resume deribit --book btc-options --reason "transfer by treasury" --accept-differences\n`,
    )
    .action((name: string, flags: Flags) =>
      send(
        { kind: 'venue-resume', venue: name, acceptsDifferences: flags.acceptDifferences === true },
        flags,
      ),
    );
  const restrict = program.command('restrict').description('the restricted list of a book');
  addRestrictListCommand(restrict);
  for (const [word, restricted, what] of [
    ['set', true, 'forbid an instrument to a book'],
    ['lift', false, 'allow a forbidden instrument again'],
  ] as const) {
    asked(restrict.command(`${word} <instrument>`), what)
      .option('--future', 'of a book or an instrument that is not there yet')
      .addHelpText(
        'after',
        `${HOW}\nExample:\n  keel restrict ${word} BTCUSDT-PERP@binance --book btc-options --reason "counterparty review"\n`,
      )
      .action((instrument: string, flags: Flags) =>
        send({ kind: 'restriction-set', instrument, restricted }, flags),
      );
  }
}

function addOverrideCommands(program: Command): void {
  const override = program.command('override').description('soft limits, exceeded for a while on a name');
  asked(override.command('grant <control>'), 'let a soft limit be exceeded until the time given is over')
    .requiredOption('--for <duration>', 'event time it lasts, ISO 8601, at most P1D')
    .option('--up-to <value>', 'the limit meanwhile, in its own unit; without it there is none')
    .option('--instrument <id>', 'only for this instrument')
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel override grant order-quantity --book btc-options --up-to 20 --for PT30M --reason "expiry, agreed with risk"\n`,
    )
    .action((control: string, flags: Flags) => grant(control, flags));
  asked(override.command('revoke <override>'), 'end an override before its time')
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel override revoke <override> --book btc-options --reason "done"\n`,
    )
    .action((overrideId: string, flags: Flags) => send({ kind: 'override-revoke', overrideId }, flags));
}

function asked(command: Command, description: string): Command {
  return command
    .description(description)
    .requiredOption('--book <id>', 'the book')
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who', userInfo().username)
    .option(
      '--proposal <id>',
      'the approved `keel propose override`; needed unless the epoch was opened with EK_GOVERNANCE=optional',
    )
    .option('--no-wait', 'hand it over, and do not wait to hear what becomes of it')
    .option('--json', 'print as JSON');
}

async function grant(control: string, flags: Flags): Promise<void> {
  const { CONTROLS, isSoftControl } = await import('@evenkeel/execution');
  const problems = [];
  if (!isSoftControl(control)) {
    const soft = Object.keys(CONTROLS).filter(isSoftControl).join(', ');
    problems.push({ path: 'control', message: `"${control}" is not a soft control (${soft})` });
  }
  const duration = flags.for ?? '';
  if (!isShortEnough(duration))
    problems.push({ path: '--for', message: `"${duration}" is not a duration up to P1D` });
  if (flags.upTo !== undefined && Decimal.tryParse(flags.upTo) === undefined)
    problems.push({ path: '--up-to', message: `"${flags.upTo}" is not a decimal` });
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  const { upTo, instrument } = flags;
  await send(
    {
      kind: 'override-grant',
      control,
      duration,
      ...(upTo === undefined ? {} : { upTo }),
      ...(instrument === undefined ? {} : { instrument }),
    },
    flags,
  );
}

function isShortEnough(text: string): boolean {
  try {
    const duration = parseDuration(text);
    return duration > 0n && duration <= parseDuration('PT24H');
  } catch {
    return false;
  }
}

async function send(wanted: WantedControl, flags: Flags): Promise<void> {
  const { book, by, reason, json, proposal, future } = flags;
  const home = homeOf();
  const [{ requireKnownControl, useApprovedControl }, { approvalDesk }, nats] = await Promise.all([
    import('@evenkeel/desk'),
    import('../governance/nats-desk'),
    import('@evenkeel/adapter-nats'),
  ]);
  const connection = await nats.connectNats(await requiredBus(home, 'desk'), 'keel-controls');
  try {
    if (future !== true) {
      const [known, overrides] = await Promise.all([
        nats.namesOnRecord(connection, (one) => one === book),
        wanted.overrideId === undefined ? [] : nats.overridesOnRecord(connection, book),
      ]);
      requireKnownControl(known, book, wanted, overrides);
    }
    const proposalId = await useApprovedControl(approvalDesk(home), book, wanted, proposal);
    const command: ControlCommand = {
      ...wanted,
      id: randomUUID(),
      book,
      by,
      reason,
      at: new Date().toISOString(),
      ...(proposalId === undefined ? {} : { proposalId }),
      ...(future === true ? { future } : {}),
    };
    const bucket = await nats.CommandBucket.open(connection);
    const watched = future === true || flags.wait === false ? undefined : await askedHere(connection, home);
    const from = await watched?.end();
    await bucket.writeCommand(command);
    if (watched === undefined || from === undefined) return handedOver(command, json === true);
    await follow(command, watched, from, json === true);
  } finally {
    await connection.close();
  }
}

function handedOver(command: ControlCommand, json: boolean): void {
  const { id, kind, book, future } = command;
  const waits = future === true ? `, and waits for what it names` : '';
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...command, handedOver: true })}\n`
      : `${kind} of ${book} is handed over (${id})${waits}; what becomes of it: keel controls ${id}\n`,
  );
}

/** What a command has done once it is in force. */
const DONE: Readonly<Record<ControlCommand['kind'], (done: ControlCommand) => string>> = {
  'restriction-set': ({ restricted, instrument = '' }) =>
    `restriction of ${instrument} ${restricted === true ? 'set' : 'lifted'}`,
  'throttle-reset': ({ instrument = '' }) => `throttle of ${instrument} reset`,
  'venue-resume': ({ venue = '' }) => `venue ${venue} resumed`,
  'override-grant': ({ control = '' }) => `override of ${control} granted`,
  'override-revoke': ({ overrideId = '' }) => `override ${overrideId} revoked`,
};

/** Says what became of a command; one that nobody has answered in time stays handed over. */
async function follow(
  command: ControlCommand,
  record: AskedOnRecord,
  from: number,
  json: boolean,
): Promise<void> {
  const { becameOfControl } = await import('@evenkeel/desk');
  const { id, kind, book } = command;
  const became = await awaitedAnswer(
    () => record.answer(book, from, (stored) => becameOfControl(command, stored)),
    () => process.stderr.write(`${kind} of ${book} is handed over (${id}); waiting for execution\n`),
  );
  const waitsFor = became === undefined ? await record.waitsFor(book, true) : undefined;
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...command, ...(became === undefined ? { handedOver: true, waitsFor } : { became }) })}\n`
      : became === undefined
        ? `${kind} of ${book} is handed over (${id}) and not in force yet: it waits for ${waitsFor ?? ''}; see keel controls ${id}\n`
        : `${became.refused.length === 0 ? `${DONE[kind](command)} of ${book} (${id}),` : `${kind} of ${book} (${id})`} ${becameText('execution', became)}\n`,
  );
  if (became?.refused.length !== 0) process.exitCode = EXIT.failed;
}
