#!/usr/bin/env bash
# Guess: a client that iterates `consumer.consume()` notices within a heartbeat or two that its durable consumer was deleted: the
# iteration ends or throws.
# Seen (nats-server 2.15.1, @nats-io/jetstream 3.3.1): it does neither. By design it goes on waiting for the durable to come back, and says
# so through `status()` only (`consumer_deleted`, `consumer_not_found`). With `abort_on_missing_resource: true` the iteration ends with an
# error.
# What it taught: consumers are opened with `abort_on_missing_resource`, and made anew (libs/adapter-nats/src/partition-consumer.ts).
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
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
const ports = readdirSync('.').find((name) => name.endsWith('.ports'));
const nc = await connect({ servers: JSON.parse(readFileSync(ports, 'utf8')).nats[0] });
const jsm = await jetstreamManager(nc);
await jsm.streams.add({ name: 'J', subjects: ['j.>'] });
const js = jetstream(nc);

async function outcome(options) {
  await jsm.consumers.add('J', { durable_name: 'd', ack_policy: 'explicit' });
  const consumer = await js.consumers.get('J', 'd');
  const messages = await consumer.consume({ expires: 2_000, ...options });
  const notices = new Set();
  void (async () => {
    for await (const status of messages.status()) notices.add(status.type);
  })();
  let taken = 0;
  const iterating = (async () => {
    for await (const message of messages) {
      message.ack();
      taken += 1;
    }
    return 'ended';
  })().catch((error) => `threw ${error.name}`);
  await js.publish('j.1', 'before');
  await delay(500);
  await jsm.consumers.delete('J', 'd');
  await js.publish('j.1', 'after');
  const end = await Promise.race([iterating, delay(20_000, 'still waiting')]);
  void messages.close();
  return { taken, end, notices: [...notices].filter((type) => type.startsWith('consumer_')) };
}

const plain = await outcome({});
console.log('consume():', JSON.stringify(plain));
const aborting = await outcome({ abort_on_missing_resource: true });
console.log('consume({ abort_on_missing_resource: true }):', JSON.stringify(aborting));
await nc.close();
process.exit(plain.end === 'still waiting' && plain.notices.length > 0 && aborting.end !== 'still waiting' ? 0 : 1);
JS
node seen.mjs
echo "as recorded"
