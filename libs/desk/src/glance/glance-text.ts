import { percentText } from '@evenkeel/figures';
import { parseInstant } from '@evenkeel/kernel';
import { secondsSince } from './book';
import { bookLines } from './book-text';
import type { DeskGlance, EpochGlance, KillsGlance, ServiceGlance } from './glance';
import { Lines, ageText } from './glance-lines';
import type { GlanceLine } from './glance-lines';
import { isAnswered } from './ports';
import type { Answer } from './ports';

/** Where it was looked, as the host knows it: no secret in any of it. */
export interface GlancePlace {
  readonly home: string;
  /** `host:port`, and by which process it is kept; absent where none runs or is known. */
  readonly nats?: string;
  readonly postgres?: string;
  readonly keeper?: number;
}

/** A glance for a person, at most `width` characters a line. */
export function glanceLines(glance: DeskGlance, place: GlancePlace, width: number): readonly GlanceLine[] {
  const lines = new Lines(width);
  openingLines(lines, glance, place);
  missingLines(lines, glance);
  killLines(lines, glance.kills);
  if (glance.state === 'down' && !isAnswered(glance.epoch)) return lines.all;
  if (isAnswered(glance.books)) for (const book of glance.books.value) bookLines(lines, book, glance);
  controlLines(lines, glance);
  priceLines(lines, glance);
  serviceLines(lines, glance);
  recordLines(lines, glance);
  return lines.all;
}

function recordLines(lines: Lines, glance: DeskGlance): void {
  const now = parseInstant(glance.at);
  lines.head('RECORD');
  lagLines(lines, glance);
  answeredLines(lines, 'dead letters', glance.deadLetters, ({ count, newest }) => {
    if (count === 0) return lines.named('dead letters', 'none');
    const last =
      newest === undefined
        ? ''
        : `; the newest from ${newest.from}, ${ageText(secondsSince(newest.at, now))} ago`;
    return lines.named(
      'dead letters',
      `${count} messages could not be read or believed${last}: keel dlq list`,
      'bad',
    );
  });
  answeredLines(lines, 'proposals', glance.proposals, (open) => {
    if (open.length === 0) return lines.named('proposals', 'none open');
    for (const one of open)
      lines.named(
        'proposal',
        `${one.kind} of ${one.scope} by ${one.proposedBy} at ${one.proposedAt}: ${one.reason}; waits for a second person until ${one.expiresAt}: keel approve ${one.proposalId.slice(0, 16)}`,
        'warn',
      );
  });
}

function openingLines(lines: Lines, { at, state, epoch }: DeskGlance, place: GlancePlace): void {
  const ended = isAnswered(epoch)
    ? `: this is how epoch ${epoch.value.epoch} ended`
    : ', and no epoch is on record';
  const what = {
    running: 'services run',
    idle: `no service runs${ended}`,
    down: `nothing runs${ended}`,
    unknown: 'not everything could be asked',
  }[state];
  lines.say(0, `${at}  ${what}`, state === 'running' ? 'head' : state === 'unknown' ? 'bad' : 'warn');
  lines.named('home', place.home);
  const servers = [
    ...(place.nats === undefined ? [] : [`NATS ${place.nats}`]),
    ...(place.postgres === undefined ? [] : [`Postgres ${place.postgres}`]),
    ...(place.keeper === undefined ? [] : [`kept by process ${place.keeper}`]),
  ];
  lines.named('servers', servers.length === 0 ? 'none' : servers.join(', '));
  if (isAnswered(epoch)) epochLines(lines, epoch.value, at, state);
}

function epochLines(lines: Lines, epoch: EpochGlance, at: string, state: DeskGlance['state']): void {
  const now = parseInstant(at);
  const share = epoch.fraction === undefined ? '' : `, ${percentText(epoch.fraction)} done`;
  const carried = epoch.carriedFrom === undefined ? '' : `, took over from epoch ${epoch.carriedFrom}`;
  lines.named(
    'epoch',
    `${epoch.epoch}, ${epoch.market}${share}${carried}; opened ${epoch.openedAt}, ${ageText(secondsSince(epoch.openedAt, now))} ago`,
  );
  const behind =
    epoch.market === 'real time' && state === 'running'
      ? `, ${ageText(secondsSince(epoch.eventTime, now))} ago`
      : '';
  const source = epoch.eventTimeFrom === 'market' ? 'of the market' : 'of the newest fact on record';
  lines.named('event time', `${epoch.eventTime} ${source}${behind}; began at ${epoch.from}`);
  if (epoch.running !== undefined)
    lines.named(
      'NOTE',
      `epoch ${epoch.running} runs, and the ledger has nothing of it yet: books and controls below are of epoch ${epoch.epoch}`,
      'bad',
    );
}

function missingLines(lines: Lines, { missing, state }: DeskGlance): void {
  if (missing.length === 0 || state === 'down') return;
  lines.head('NOT KNOWN');
  const byWhy = new Map<string, string[]>();
  for (const { what, why } of missing) byWhy.set(why, [...(byWhy.get(why) ?? []), what]);
  for (const [why, whats] of byWhy) {
    lines.say(2, why, 'bad');
    for (const what of whats) lines.say(4, `  ${what}`);
  }
}

/** Says of a part that is missing that it is. */
function answeredLines<T>(lines: Lines, name: string, answer: Answer<T>, show: (value: T) => void): void {
  if (isAnswered(answer)) show(answer.value);
  else lines.named(name, `not known: ${answer.missing}`, 'warn');
}

function killLines(lines: Lines, { inForce, unseen }: KillsGlance): void {
  lines.head('KILLS');
  for (const { scope, by, reason, since, engagement, known } of inForce) {
    lines.named('stopped', `${scope} by ${by} at ${since}: ${reason}`, 'bad');
    lines.named(
      '',
      `${engagement ?? 'without an id'} (${known.join(', ')}); ends by keel release ${scope}`,
      'dim',
    );
  }
  const rest = unseen.length === 0 ? 'none' : 'none known';
  if (inForce.length === 0) lines.named('in force', rest);
  if (unseen.length > 0)
    lines.named(
      'not seen',
      `${unseen.join(' and ')}: there may be more`,
      inForce.length === 0 ? 'warn' : 'bad',
    );
}

function controlLines(lines: Lines, { restrictions, overrides, throttles }: DeskGlance): void {
  lines.head('CONTROLS');
  controlsIn(lines, { restrictions, overrides, throttles });
}

/** Restrictions, overrides and throttles in force. */
export function controlsIn(
  lines: Lines,
  { restrictions, overrides, throttles }: Pick<DeskGlance, 'restrictions' | 'overrides' | 'throttles'>,
): void {
  answeredLines(lines, 'restricted', restrictions, (all) => {
    if (all.length === 0) return lines.named('restricted', 'none');
    for (const one of all)
      lines.named(
        'restricted',
        `${one.instrument} for ${one.book} by ${one.by} since ${one.since}: ${one.reason}`,
        'warn',
      );
  });
  answeredLines(lines, 'overrides', overrides, (all) => {
    if (all.length === 0) return lines.named('overrides', 'none');
    for (const one of all)
      lines.named(
        'override',
        `${one.control} of ${one.book}${one.instrument === undefined ? '' : ` in ${one.instrument}`} ${one.upTo === undefined ? 'without a limit' : `up to ${one.upTo}`} until ${one.expiresAt}, by ${one.by}: ${one.reason} (${one.overrideId})`,
        'warn',
      );
  });
  answeredLines(lines, 'throttles', throttles, (all) => {
    if (all.length === 0) return lines.named('throttles', 'none tripped');
    for (const one of all)
      lines.named('throttled', `${one.instrument} of ${one.book} since ${one.since}: ${one.reason}`, 'warn');
  });
}

function priceLines(lines: Lines, { prices }: DeskGlance): void {
  lines.head('PRICES');
  answeredLines(lines, 'prices', prices, (all) => {
    if (all.length === 0) return lines.say(0, 'none yet');
    const widest = Math.max(...all.map(({ instrument }) => instrument.length)) + 2;
    for (const one of all) {
      const reasons = one.reasons.length === 0 ? '' : ` (${one.reasons.join(', ')})`;
      const old = one.old ? ', TOO OLD to value on' : '';
      const from = one.from === 'snapshot' ? ', as risk last used it' : '';
      const tone = one.status === 'HALTED' || one.old ? 'bad' : one.status === 'DEGRADED' ? 'warn' : 'plain';
      lines.named(
        one.instrument,
        `${one.price} ${one.unit}  ${one.status}${reasons}  ${ageText(one.ageSeconds)} old${old}, from ${one.source}${from}`,
        tone,
        widest,
      );
    }
  });
}

function serviceLines(lines: Lines, { services, state }: DeskGlance): void {
  lines.head('SERVICES');
  if (state === 'down') return lines.say(0, 'none runs');
  answeredLines(lines, 'services', services, (all) => {
    for (const service of all) serviceLine(lines, service);
  });
}

function serviceLine(lines: Lines, { service, heard, processes, partitions, waiting }: ServiceGlance): void {
  const sick = processes.filter(({ state }) => state !== 'alive');
  const alive = processes.length - sick.length;
  const how = heard ? 'speaks' : 'SILENT';
  const counted = processes.length === 0 ? '' : `, ${alive} of ${processes.length} processes alive`;
  lines.named(service, `${how}${counted}`, heard && sick.length === 0 ? 'plain' : 'bad');
  for (const { process, state, heartbeatAgeMs } of sick)
    lines.named(
      '',
      `process ${process} is ${state}, heartbeat ${ageText(heartbeatAgeMs / 1_000)} ago`,
      'bad',
    );
  // Dozens of partitions are served for books that may come; what is sick among them is not to be looked for.
  const shown = partitions.filter(
    ({ books, owner, fault }) => books.length > 0 || owner === '' || fault !== undefined,
  );
  for (const { partition, books, owner, at, behindSeconds, fault } of shown) {
    const of = books.length === 0 ? '' : ` (${books.join(', ')})`;
    const whose = owner === '' ? 'NOBODY owns it' : owner;
    const taken = at === undefined ? '' : `, ${ageText(behindSeconds ?? 0)} behind the market`;
    lines.named(
      '',
      `partition ${partition}${of}: ${whose}${taken}${fault === undefined ? '' : `; HALTED: ${fault}`}`,
      fault !== undefined || owner === '' ? 'bad' : 'dim',
    );
  }
  const rest = partitions.length - shown.length;
  if (rest > 0)
    lines.named('', `and ${rest} partitions without a book, all owned and without a fault`, 'dim');
  for (const one of waiting) lines.named('', `event time waits for ${one}`, 'warn');
}

function lagLines(lines: Lines, { epoch, lag, at, state }: DeskGlance): void {
  const now = parseInstant(at);
  if (isAnswered(epoch)) {
    const { commits, writtenAt, epoch: id } = epoch.value;
    lines.named(
      'ledger',
      `${commits} commits of epoch ${id}, the newest written ${ageText(secondsSince(writtenAt, now))} ago`,
    );
  }
  if (state === 'down') return;
  answeredLines(lines, 'lag', lag, ({ commits, seconds, journal }) => {
    if (commits === 0)
      return lines.named('lag', `none: the ledger has all ${journal} commits of the journal`);
    return lines.named(
      'lag',
      `the ledger is ${commits} commits behind the journal; the oldest it lacks is ${ageText(seconds)} old`,
      seconds > LAG_LONG_SECONDS ? 'bad' : 'plain',
    );
  });
}

/** The ledger hears of a commit within a second; more is a ledger that has trouble. */
const LAG_LONG_SECONDS = 10;
