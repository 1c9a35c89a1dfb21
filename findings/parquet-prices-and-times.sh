#!/usr/bin/env bash
# Guess: a price of type DECIMAL and a time in nanoseconds come out of a reader of Parquet as what stands in the file; readers differ in
# how they wrap them.
# Seen (one file of hyparquet-writer 0.17.0): hyparquet makes doubles of decimals. 1.31.5 multiplies: 0.3 comes out as 0.30000000000000004,
# and so wrong is a third of all prices with one digit after the point; 1.33.0 divides, and is off beyond 15 digits alone
# (123456789.01234569 for …567). Of times both make a Date, without micro- and nanoseconds. parquet-wasm 0.8.0 with apache-arrow
# 21.2.0 gives the whole number without the scale: String, Number and JSON of 0.3 are all 3, and the scale stands in the column's
# type alone; the time is a double of milliseconds, 1700000000123.4568, exact to a quarter of a microsecond. None of them raises anything.
# What it taught: the reader of tapes takes decimals and times from the whole numbers that the file holds
# (services/keel/src/tape/columnar-files.ts).
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts -E hyparquet@1.31.5 hyparquet-newer@npm:hyparquet@1.33.0 hyparquet-writer@0.17.0 parquet-wasm@0.8.0 apache-arrow@21.2.0
cat >seen.mjs <<'JS'
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { parquetReadObjects as newerReadObjects } from 'hyparquet-newer';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readParquet } from 'parquet-wasm';
const column = (name, more) => ({ name, type: 'INT64', repetition_type: 'REQUIRED', ...more });
const prices = Array.from({ length: 100_000 }, (_, n) => BigInt(n + 1));
const file = parquetWriteBuffer({
  columnData: [
    { name: 'at', data: prices.map(() => 1_700_000_000_123_456_789n) },
    { name: 'long', data: prices.map(() => 12_345_678_901_234_567n) },
    { name: 'price', data: prices },
  ],
  schema: [
    { name: 'root', num_children: 3 },
    column('at', { logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } }),
    column('long', { converted_type: 'DECIMAL', precision: 18, scale: 8 }),
    column('price', { converted_type: 'DECIMAL', precision: 18, scale: 1 }),
  ],
});
const wrong = (rows) => rows.filter(({ price }, n) => price !== Number(`${prices[n]}e-1`)).length;
async function read(readObjects) {
  const rows = await readObjects({ file });
  const { at, long, price } = rows[2];
  return { at: at.toISOString(), long, price, wrong: wrong(rows) };
}
const table = tableFromIPC(readParquet(new Uint8Array(file)).intoIPCStream());
const { at, long, price } = table.get(2);
const { scale } = table.getChild('price').type;
const seen = {
  'hyparquet 1.31.5': await read(parquetReadObjects),
  'hyparquet 1.33.0': await read(newerReadObjects),
  arrow: { at, long: String(long), text: String(price), number: Number(price), scale },
};
console.log(seen);
const described = {
  'hyparquet 1.31.5': { at: '2023-11-14T22:13:20.123Z', long: 123456789.01234569, price: 0.30000000000000004, wrong: 33453 },
  'hyparquet 1.33.0': { at: '2023-11-14T22:13:20.123Z', long: 123456789.01234569, price: 0.3, wrong: 0 },
  arrow: { at: 1700000000123.4568, long: '12345678901234567', text: '3', number: 3, scale: 1 },
};
process.exit(JSON.stringify(seen) === JSON.stringify(described) ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
