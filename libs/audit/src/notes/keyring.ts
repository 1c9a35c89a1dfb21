import { failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { openNote } from './open-note';
import { parseNote } from './signed-note';
import { formatVerifierKey, parseVerifierKey, sameKey } from './verifier-key';
import type { VerifierKey } from './verifier-key';

/** A log key and the checkpoints it may sign: tree sizes from `fromSize` up to, not including, `untilSize`. */
export interface KeyTenure {
  readonly key: VerifierKey;
  readonly fromSize: number;
  readonly untilSize?: number;
}

/** Every key a log ever had. A verifier needs only the first ones and the rotation notes to build it. */
export interface Keyring {
  readonly origin: string;
  readonly tenures: readonly KeyTenure[];
}

/** "From tree size N on, this key signs for this log; that one no longer does." */
export interface KeyRotation {
  readonly origin: string;
  readonly fromSize: number;
  readonly add: VerifierKey;
  /** Leaving the old key in place for a while lets verifiers catch up. */
  readonly retire?: VerifierKey;
}

const HEADER = 'evenkeel key-rotation/v1';

export function keyringOf(origin: string, keys: readonly VerifierKey[]): Keyring {
  return { origin, tenures: keys.map((key) => ({ key, fromSize: 0 })) };
}

/** The keys entitled to sign a checkpoint of this size. */
export function keysAt(keyring: Keyring, size: number): readonly VerifierKey[] {
  return keyring.tenures
    .filter(
      (tenure) => tenure.fromSize <= size && (tenure.untilSize === undefined || size < tenure.untilSize),
    )
    .map((tenure) => tenure.key);
}

/** The text of a rotation note; a key in office at `fromSize` signs it. */
export function formatRotation(rotation: KeyRotation): string {
  const lines = [
    HEADER,
    rotation.origin,
    `from ${rotation.fromSize}`,
    `add ${formatVerifierKey(rotation.add)}`,
  ];
  if (rotation.retire !== undefined) lines.push(`retire ${formatVerifierKey(rotation.retire)}`);
  return `${lines.join('\n')}\n`;
}

export function parseRotation(text: string): KeyRotation | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 4 || lines.length > 5) return undefined;
  const [header, origin, from, add, retire] = lines;
  const size = /^from (0|[1-9]\d*)$/.exec(from ?? '')?.[1];
  const added = add?.startsWith('add ') === true ? parseVerifierKey(add.slice(4)) : undefined;
  if (header !== HEADER || origin === undefined || origin === '' || size === undefined) return undefined;
  if (added === undefined || !Number.isSafeInteger(Number(size))) return undefined;
  const rotation = { origin, fromSize: Number(size), add: added };
  if (retire === undefined) return rotation;
  const retired = retire.startsWith('retire ') ? parseVerifierKey(retire.slice(7)) : undefined;
  return retired === undefined ? undefined : { ...rotation, retire: retired };
}

/**
 * The keyring after one more rotation note. Refused with `AUDIT.ROTATION_INVALID` unless a key in office at its size
 * signed it, it names this log, it does not reach back before an earlier rotation, and what it retires is in office.
 */
export function rotateKeys(keyring: Keyring, noteText: string): Result<Keyring> {
  const note = parseNote(noteText);
  if (!note.ok) return note;
  const rotation = parseRotation(note.value.text);
  if (rotation === undefined) return invalid('its text is not a rotation statement');
  if (rotation.origin !== keyring.origin) return invalid(`it is about ${rotation.origin}`);
  const latest = Math.max(0, ...keyring.tenures.map((tenure) => tenure.untilSize ?? tenure.fromSize));
  if (rotation.fromSize < latest)
    return invalid(`it reaches back to size ${rotation.fromSize}, before ${latest}`);
  const inOffice = keysAt(keyring, rotation.fromSize);
  const opened = openNote(note.value, inOffice);
  if (!opened.ok) return opened;
  if (inOffice.some((key) => sameKey(key, rotation.add))) return invalid('the new key is in office already');
  const { retire } = rotation;
  if (retire !== undefined && !inOffice.some((key) => sameKey(key, retire))) {
    return invalid('the key it retires is not in office');
  }
  const tenures = keyring.tenures.map((tenure) =>
    retire !== undefined && tenure.untilSize === undefined && sameKey(tenure.key, retire)
      ? { ...tenure, untilSize: rotation.fromSize }
      : tenure,
  );
  return success({ ...keyring, tenures: [...tenures, { key: rotation.add, fromSize: rotation.fromSize }] });
}

function invalid(why: string): Result<never> {
  return failure('AUDIT.ROTATION_INVALID', `This key rotation is refused: ${why}.`);
}
