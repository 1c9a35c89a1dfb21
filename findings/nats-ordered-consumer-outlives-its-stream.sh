#!/usr/bin/env bash
# Guess: a reader on an ordered consumer notices that its stream was deleted and made anew: it ends, throws, or begins with what the
# new stream holds.
# Seen (nats-server 2.15.1, @nats-io/jetstream 3.3.1): none of these. 25 seconds later it is still reading, without an error, and has
# been given nothing of the new stream's five messages.
# What it taught: readers of the market look whether the stream is still the one they began with (libs/adapter-nats/src/stream-reading.ts,
# partition-lane.ts).
# Needs: node 20, npm, a nats-server 2.14 or newer on the PATH or in NATS_SERVER. Talks to the loopback only, and to the package registry.
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
const js = jetstream(nc);
const make = () => jsm.streams.add({ name: 'M', subjects: ['m.>'] });
await make();
const consumer = await js.consumers.get('M');
const messages = await consumer.consume();
const heard = [];
const reading = (async () => {
  for await (const message of messages) heard.push(message.string());
  return 'ended';
})().catch((error) => `threw ${error.name}`);
for (const word of ['one', 'two', 'three']) await js.publish('m.1', word);
await delay(500);
await jsm.streams.delete('M');
await make();
for (const word of ['first', 'second', 'third', 'fourth', 'fifth']) await js.publish('m.1', word);
const end = await Promise.race([reading, delay(25_000, 'still reading')]);
console.log(JSON.stringify({ end, heard }));
await nc.close();
const silent = end === 'still reading' && heard.join() === 'one,two,three';
if (!silent) process.exitCode = 1;
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
