#!/usr/bin/env bash
# Guess: `Nats-Expected-Last-Subject-Sequence-Subject` names one subject; a wildcard there is refused, or taken as a literal that no
# message has, so that only 0 is accepted.
# Seen (nats-server 2.15.1, @nats-io/jetstream 3.3.1): a wildcard is accepted and means "the newest message of any subject that
# matches". A publish to one subject can thus be made to depend on what was last written to its neighbours. When the expectation is wrong, the
# refusal is 10071 and names the newest sequence under the wildcard.
# What it taught: one expectation fences a deposed writer from every aggregate of its context (libs/adapter-nats/src/journal.ts).
# Needs: node 20, npm, a nats-server 2.14 or newer on the PATH or in NATS_SERVER. Talks to the loopback only.
set -euo pipefail
server=${NATS_SERVER:-nats-server}
folder=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts @nats-io/transport-node@3.3.1 @nats-io/jetstream@3.3.1
"$server" --version
"$server" -js -sd "$folder/js" -a 127.0.0.1 -p -1 --ports_file_dir "$folder" >"$folder/server.log" 2>&1 &
pid=$!
for _ in $(seq 50); do ls "$folder"/nats-server_*.ports >/dev/null 2>&1 && break; sleep 0.1; done
cat >seen.mjs <<'JS'
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
const ports = readdirSync('.').find((name) => name.endsWith('.ports'));
const nc = await connect({ servers: JSON.parse(readFileSync(ports, 'utf8')).nats[0] });
const jsm = await jetstreamManager(nc);
await jsm.streams.add({ name: 'J', subjects: ['j.>'] });
const js = jetstream(nc);
const publish = (subject, seq) =>
  js
    .publish(subject, 'x', { expect: { lastSubjectSequence: seq, lastSubjectSequenceSubject: 'j.a.*' } })
    .then((ack) => `stored as ${ack.seq}`)
    .catch((error) => `refused ${error.code}: ${error.message}`);
const seen = [
  ['first under the wildcard, 0 expected', await publish('j.a.1', 0), 'stored as 1'],
  ['other subject, newest of the neighbours expected', await publish('j.a.2', 1), 'stored as 2'],
  ['subject of its own is at 1, but 1 is not the newest', await publish('j.a.1', 1), 'refused 10071'],
  ['new subject, 0 expected', await publish('j.a.3', 0), 'refused 10071'],
  ['newest expected again', await publish('j.a.1', 2), 'stored as 3'],
];
let same = true;
for (const [what, got, wanted] of seen) {
  console.log(`${what}: ${got}`);
  same &&= got.startsWith(wanted);
}
await nc.close();
process.exit(same ? 0 : 1);
JS
node seen.mjs
echo "as recorded"
