#!/usr/bin/env bash
# Guess: MessagePack is MessagePack: of an action at Hyperliquid, whose packed bytes are hashed and signed, msgpackr makes the
# bytes that @msgpack/msgpack makes (the shortest form of every value, as the venue's own client in Python does).
# Seen (msgpackr 2.1.4, @msgpack/msgpack 3.1.3): never by default. Its maps have a header of 16 bits whatever their size (de0003 where
# the other has 83). With `useRecords: false, variableMapSize: true` an order's bytes are the same, so that tests of orders pass; but a
# cancel's are not: a whole number above 32 bits, as order ids and times in ms are, is packed as a double (cb…, the other has cf…).
# Either is valid, either is read back as the same values, and the hash is another: the venue recovers another signer.
# What it taught: the writer of these bytes is our own (libs/adapter-venue-hyperliquid/src/orders/message-pack.ts), and its test
# names the bytes of a cancel and of numbers above 32 bits beside the signatures of orders (signing.spec.ts).
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts -E msgpackr@2.1.4 @msgpack/msgpack@3.1.3
cat >seen.mjs <<'JS'
import { isDeepStrictEqual } from 'node:util';
import { decode, encode } from '@msgpack/msgpack';
import { Packr, pack } from 'msgpackr';
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const short = new Packr({ useRecords: false, variableMapSize: true });
const actions = {
  order: {
    type: 'order',
    orders: [{ a: 0, b: true, p: '100000', s: '0.1', r: false, t: { limit: { tif: 'Gtc' } } }],
    grouping: 'na',
  },
  cancel: { type: 'cancel', cancels: [{ a: 0, o: 318259184823 }] },
  scheduleCancel: { type: 'scheduleCancel', time: 1786000000000 },
};
const seen = {};
for (const [name, action] of Object.entries(actions)) {
  const ways = { '@msgpack/msgpack': encode(action), 'msgpackr pack': pack(action), 'msgpackr variableMapSize': short.pack(action) };
  console.log(name);
  for (const [way, bytes] of Object.entries(ways)) {
    console.log(`  ${way}: ${hex(bytes)}`);
    if (!isDeepStrictEqual(decode(bytes), action)) throw new Error('not read back as the same');
  }
  const wanted = hex(ways['@msgpack/msgpack']);
  seen[name] = [hex(ways['msgpackr pack']) === wanted, hex(ways['msgpackr variableMapSize']) === wanted];
}
console.log('same bytes, by default and with variableMapSize:', JSON.stringify(seen));
const described = { order: [false, true], cancel: [false, false], scheduleCancel: [false, false] };
process.exit(isDeepStrictEqual(seen, described) ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
