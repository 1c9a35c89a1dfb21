import type { EventType } from '@evenkeel/facts';
import type { PlainMessage } from './wire';

/**
 * Lifts a payload as an older release wrote it, decoded with the present schema, to what the next version means. Pure:
 * the published bytes are never rewritten, and the same bytes always give the same event.
 */
export type Upcaster = (older: PlainMessage) => PlainMessage;

/** `<type>@<version>` → from that version to the one after it. */
export type Upcasters = Readonly<Record<string, Upcaster>>;

/**
 * The payload version each event is written in; 1 unless named here. A field that is only added needs no new version:
 * proto3 reads its absence as empty. A version is raised when an old field's meaning changes, and an upcaster joins
 * `UPCASTERS` in the same commit, with a golden journal of the release before it.
 */
export const PAYLOAD_VERSIONS: Readonly<Partial<Record<EventType, number>>> = {};

export const UPCASTERS: Upcasters = {};

export function currentVersionOf(
  type: EventType,
  versions: Readonly<Partial<Record<EventType, number>>> = PAYLOAD_VERSIONS,
): number {
  return versions[type] ?? 1;
}

/** The payload brought to `current`; `undefined` where a step is missing or the version is of a later release. */
export function upcast(
  type: EventType,
  version: number,
  payload: PlainMessage,
  current: number = currentVersionOf(type),
  upcasters: Upcasters = UPCASTERS,
): PlainMessage | undefined {
  if (!Number.isInteger(version) || version < 1 || version > current) return undefined;
  let lifted = payload;
  for (let from = version; from < current; from += 1) {
    const step = upcasters[`${type}@${from}`];
    if (step === undefined) return undefined;
    lifted = step(lifted);
  }
  return lifted;
}
