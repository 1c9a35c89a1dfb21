import { SIGNATURE_TYPE, openNote, parseNote, parseVerifierKey } from '@evenkeel/audit';
import { NANOS_PER_HOUR, failure, success, tryParseInstant } from '@evenkeel/kernel';
import type { Instant, Result } from '@evenkeel/kernel';
import type { Enrolment } from './events';
import { mayEngageKill } from './permissions';

/** A person's order to stop, as they sign it. There is no such order to release. */
export interface KillOrder {
  readonly scope: string;
  /** Names this stop: a UUID. */
  readonly engagement: string;
  readonly reason: string;
  readonly by: string;
  /** ISO 8601, the person's clock. */
  readonly at: string;
}

/** An order is good for so long, whichever clock is wrong: it can only stop, and what was released stays released. */
const LIFETIME = NANOS_PER_HOUR;
const REASON_MAX = 500;
const ENGAGEMENT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LINES =
  /^evenkeel kill\/v1\nscope (".*")\nengagement ([0-9a-f-]+)\nreason (".*")\nby (".*")\nat (\S+)\n$/;

/** The text that is signed. */
export function killText({ scope, engagement, reason, by, at }: KillOrder): string {
  return [
    'evenkeel kill/v1',
    `scope ${JSON.stringify(scope)}`,
    `engagement ${engagement}`,
    `reason ${JSON.stringify(reason)}`,
    `by ${JSON.stringify(by)}`,
    `at ${at}`,
    '',
  ].join('\n');
}

/**
 * The order in a signed note, if it is one of a person who may stop, said within the hour. `enrolmentOf` knows who is enrolled.
 * Fails with `GOVERNANCE.KILL_MALFORMED`, `NOT_ENROLLED`, `NOT_PERMITTED`, `EVIDENCE_INVALID` or `TIME_DIFFERS`.
 */
export async function killOrderIn(
  text: string,
  enrolmentOf: (identity: string) => Promise<Enrolment | undefined>,
  now: Instant,
): Promise<Result<KillOrder>> {
  const note = parseNote(text);
  const order = note.ok ? orderIn(note.value.text) : undefined;
  if (!note.ok || order === undefined)
    return failure('GOVERNANCE.KILL_MALFORMED', 'This is no signed order to stop.');
  const at = tryParseInstant(order.at);
  if (at === undefined || now - at > LIFETIME || at - now > LIFETIME)
    return failure('GOVERNANCE.TIME_DIFFERS', `The order is of ${order.at}, more than an hour from now.`);
  const enrolment = await enrolmentOf(order.by);
  if (enrolment === undefined) return failure('GOVERNANCE.NOT_ENROLLED', `${order.by} is not enrolled.`);
  if (!mayEngageKill(enrolment))
    return failure('GOVERNANCE.NOT_PERMITTED', `${order.by} may not stop anything.`);
  const keys = enrolment.credentials.flatMap(({ key }) => {
    const parsed = key === undefined ? undefined : parseVerifierKey(key);
    return parsed?.name === order.by && parsed.type === SIGNATURE_TYPE.ed25519 ? [parsed] : [];
  });
  const opened = openNote(note.value, keys);
  return opened.ok ? success(order) : failure('GOVERNANCE.EVIDENCE_INVALID', opened.failure.message);
}

function orderIn(text: string): KillOrder | undefined {
  const [, scope, engagement = '', reason, by, at = ''] = LINES.exec(text) ?? [];
  if (!ENGAGEMENT.test(engagement)) return undefined;
  const order = { scope: quoted(scope), engagement, reason: quoted(reason), by: quoted(by), at };
  const sound = order.scope !== '' && order.by !== '' && order.reason.length <= REASON_MAX;
  return sound && killText(order) === text ? order : undefined;
}

function quoted(text = '""'): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}
