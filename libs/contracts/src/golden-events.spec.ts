import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TABLE } from '@evenkeel/facts';
import { EVERY_PAYLOAD, everyEvent } from '@evenkeel/testkit';
import { decodePayload, encodePayload } from './payloads';
import { currentVersionOf } from './upcast';

interface Recorded {
  readonly version: number;
  /** Base64. */
  readonly bytes: string;
  /** As the release itself read its bytes. */
  readonly payload: object;
}

const FOLDER = join(__dirname, '..', 'golden', 'events');
const releases = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return [file.replace('.json', ''), JSON.parse(text) as Record<string, Recorded>] as const; // written by record-events.mjs
});
const present = new Map(Object.entries(new Map(releases).get('present') ?? {}));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Names of fields that hold what proto3 leaves out: their loss would go unseen. */
function defaults(value: unknown, path: string): readonly string[] {
  if (value === '' || value === 0 || value === false || value === undefined) return [path];
  if (typeof value !== 'object' || value === null) return [];
  const fields = Object.entries(value);
  return fields.length === 0 ? [path] : fields.flatMap(([name, field]) => defaults(field, `${path}.${name}`));
}

describe('golden bytes of events', () => {
  it('are of every type, with a value in every field', () => {
    expect([...present.keys()].sort()).toEqual(Object.keys(EVENT_TABLE).sort());
    expect(Object.entries(EVERY_PAYLOAD).flatMap(([type, payload]) => defaults(payload, type))).toEqual([]);
  });

  it.each(everyEvent().map((event) => [event.type, event] as const))(
    'are what this build writes of %s',
    (type, event) => {
      const golden = present.get(type);
      expect({ version: currentVersionOf(type), bytes: base64(encodePayload(event)) }).toEqual({
        version: golden?.version,
        bytes: golden?.bytes,
      });
      expect(decodePayload(type, currentVersionOf(type), Buffer.from(golden?.bytes ?? '', 'base64'))).toEqual(
        event,
      );
    },
  );

  it.each(releases)('of %s are read with everything they say', (_name, events) => {
    for (const [type, { version, bytes, payload }] of Object.entries(events)) {
      const event = decodePayload(type, version, Buffer.from(bytes, 'base64'));
      // A later version may mean something else by a field; then its upcaster has a test of its own.
      if (version === currentVersionOf(event.type)) expect(event.payload).toMatchObject(payload);
    }
  });
});
