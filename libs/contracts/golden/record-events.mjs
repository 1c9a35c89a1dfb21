// Records golden bytes of every event type, a value in every field: what a release writes.
//   node tools/build.mjs && node libs/contracts/golden/record-events.mjs present            what this build writes; as often as it grows
//   node libs/contracts/golden/record-events.mjs <release> <checkout of the release>        kept for ever, never over an old file
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [name = 'present', checkout = join(here, '..', '..', '..')] = process.argv.slice(2);
const file = join(here, 'events', `${name}.json`);
if (name !== 'present' && existsSync(file))
  throw new Error(`${name} is there already: what was released stays`);

const own = createRequire(import.meta.url);
const { everyEvent } = own('@evenkeel/testkit');
const { currentVersionOf } = own('@evenkeel/contracts');
const ofRelease = createRequire(join(resolve(checkout), 'services', 'keel', 'package.json'));
const released = ofRelease('@evenkeel/contracts');
// The first release lists its types beside its messages.
const known = ofRelease('@evenkeel/facts').EVENT_TABLE ?? released.PAYLOAD_SCHEMAS;
const versionOf = released.currentVersionOf ?? currentVersionOf;

const recorded = {};
for (const event of everyEvent()) {
  if (!(event.type in known)) continue; // a type that the release did not have yet
  const version = versionOf(event.type);
  const bytes = Buffer.from(released.encodePayload(event));
  const { payload } = released.decodePayload(event.type, version, bytes);
  recorded[event.type] = { version, bytes: bytes.toString('base64'), payload };
}
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`);
process.stderr.write(`${name}: ${Object.keys(recorded).length} event types\n`);
