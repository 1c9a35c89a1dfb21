import { EVENT_TABLE } from '@evenkeel/facts';
import type { EventType } from '@evenkeel/facts';
import type { PlainMessage } from './wire';

/**
 * Lifts a payload as an older release wrote it, decoded with the present schema, to what the next version means. Pure:
 * the published bytes are never rewritten, and the same bytes always give the same event.
 */
export type Upcaster = (older: PlainMessage) => PlainMessage;

/**
 * `<type>@<version>` → from that version to the one after it. An upcaster joins in the commit that raises the version in
 * `EVENT_TABLE`, with a golden journal of the release before it.
 */
export const UPCASTERS: Readonly<Record<string, Upcaster>> = {
  // Version 2 says the same, packed: what is unpacked has the fields of version 1.
  'RiskSnapshotTaken@1': (older) => older,
};

/** The payload version in which this build writes an event. */
export function currentVersionOf(type: EventType): number {
  return EVENT_TABLE[type].version;
}

/**
 * The payload brought to the present version, one step after the other; `undefined` where a step is missing or the version
 * is of a later release.
 */
export function upcast(type: EventType, version: number, payload: PlainMessage): PlainMessage | undefined {
  const current = currentVersionOf(type);
  if (!Number.isInteger(version) || version < 1 || version > current) return undefined;
  let lifted = payload;
  for (let from = version; from < current; from += 1) {
    const step = UPCASTERS[`${type}@${from}`];
    if (step === undefined) return undefined;
    lifted = step(lifted);
  }
  return lifted;
}
