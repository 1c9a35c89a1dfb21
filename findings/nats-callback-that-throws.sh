#!/usr/bin/env bash
# Guess: when the callback of one subscription throws, that message is lost, or the process is told; the other subscriptions of the
# connection go on.
# Seen (@nats-io/nats-core 3.3.1): the reader of the whole connection ends. Until the client notices a missing answer to its ping and connects
# again, no subscription hears anything, and isClosed() is false all the while.
# What it taught: nothing is parsed in a callback that may throw; what comes is read by a schema first, and dropped and counted where
# it does not fit (libs/adapter-nats/src/progress.ts).
# Needs: node 20, npm, a nats-server 2.14 or newer on the PATH or in NATS_SERVER. Talks to the loopback only, and to the package registry.
set -euo pipefail
server=${NATS_SERVER:-nats-server}
folder=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts @nats-io/transport-node@3.3.1
"$server" --version
"$server" -a 127.0.0.1 -p -1 --ports_file_dir "$folder" >"$folder/server.log" 2>&1 &
pid=$!
for _ in $(seq 50); do ls "$folder"/nats-server_*.ports >/dev/null 2>&1 && break; sleep 0.1; done
cat >seen.mjs <<'JS'
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
process.on('unhandledRejection', () => {});
const ports = readdirSync('.').find((name) => name.endsWith('.ports'));
const servers = JSON.parse(readFileSync(ports, 'utf8')).nats[0];
const listener = await connect({ servers });
const speaker = await connect({ servers });
let heard = 0;
listener.subscribe('good', { callback: () => void (heard += 1) });
listener.subscribe('bad', {
  callback: () => {
    throw new Error('a fault of the program');
  },
});
await listener.flush();
const say = async (subject) => {
  speaker.publish(subject, 'x');
  await speaker.flush();
  await delay(300);
};
await say('good');
const before = heard;
await say('bad');
for (let n = 0; n < 5; n += 1) await say('good');
console.log(JSON.stringify({ before, after: heard, isClosed: listener.isClosed() }));
process.exit(before === 1 && heard === 1 && !listener.isClosed() ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
