// Memory of `keel tape import` against the length of its file: `npm run import-memory -- [MB…]` makes option chains of Tardis of that
// length, imports each, and prints the largest resident size of the importing process. It does not grow with the file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { root } from './root.mjs';

const HEADER =
  'exchange,symbol,timestamp,local_timestamp,type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,' +
  'bid_iv,ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,underlying_price,delta,gamma,vega,theta,rho\n';
const DAY_MICROS = 86_400_000_000;
const FROM = Date.UTC(2026, 0, 5) * 1000;
const EXPIRY = Date.UTC(2026, 0, 16, 8) * 1000;
const FORWARD = 90_000;
const ROW_BYTES = 210;
const STRIKES = Array.from({ length: 80 }, (_, step) => 70_000 + 500 * step);

/** What a call and a put on the forward cost in coin at 50 %, hour by hour. */
function marks() {
  const optionPrices = new Map();
  const normal = (x) => {
    const t = 1 / (1 + 0.2316419 * Math.abs(x));
    const tail =
      (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
      t *
      (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return x > 0 ? 1 - tail : tail;
  };
  return (strike, isCall, at) => {
    const minute = Math.floor((at - FROM) / 600_000_000);
    const key = `${strike}${isCall}${minute}`;
    let price = optionPrices.get(key);
    if (price === undefined) {
      const years = (EXPIRY - at) / 1e6 / 86_400 / 365;
      const spread = 0.5 * Math.sqrt(years);
      const upper = Math.log(FORWARD / strike) / spread + spread / 2;
      const call = normal(upper) - (strike / FORWARD) * normal(upper - spread);
      price = isCall ? call : call - 1 + strike / FORWARD;
      optionPrices.set(key, price);
    }
    return price;
  };
}

async function writeChain(path, megabytes) {
  const gzip = createGzip({ level: 1 });
  const file = createWriteStream(path);
  gzip.pipe(file);
  gzip.write(HEADER);
  const rows = Math.floor((megabytes * 1_000_000) / ROW_BYTES);
  const step = Math.floor(DAY_MICROS / rows);
  const markOf = marks();
  let piece = '';
  for (let row = 0; row < rows; row += 1) {
    const at = FROM + (row + 1) * step;
    const strike = STRIKES[(row >> 1) % STRIKES.length];
    const isCall = row % 2 === 0;
    const mark = markOf(strike, isCall, at);
    const bid = Math.max(0, Math.floor(mark * 10_000) / 10_000 - 0.0002);
    piece +=
      `deribit,BTC-16JAN26-${strike}-${isCall ? 'C' : 'P'},${at},${at + 3500},${isCall ? 'call' : 'put'},${strike},${EXPIRY},10,,` +
      `${bid > 0 ? bid.toFixed(4) : ''},5,49.5,${(bid + 0.0009).toFixed(4)},4,50.5,${mark.toFixed(6)},50,SYN.BTC-16JAN26,${FORWARD},` +
      '0.51234,0.00012,30.12345,-20.12345,1.12345\n';
    if (piece.length < 1_000_000) continue;
    if (!gzip.write(piece)) await once(gzip, 'drain');
    piece = '';
  }
  gzip.end(piece);
  await once(file, 'close');
  return rows;
}

/** The largest resident size of a process while it lives, in MB. */
async function peakOf(child) {
  let peak = 0;
  const look = () => {
    try {
      const [, kilobytes = '0'] =
        /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kilobytes) / 1024);
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, 20);
  const [code] = await once(child, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`keel tape import ended with ${code}`);
  return peak;
}

const sizes = process.argv.slice(2).map(Number);
const dir = mkdtempSync(join(tmpdir(), 'evenkeel-import-memory-'));
try {
  for (const megabytes of sizes.length > 0 ? sizes : [50, 200, 400]) {
    const path = join(dir, `chain-${megabytes}.csv.gz`);
    const rows = await writeChain(path, megabytes);
    const began = performance.now();
    const keel = join(root, 'services', 'keel', 'bin', 'keel.js');
    const out = join(dir, `tape-${megabytes}`);
    const child = spawn(
      process.execPath,
      [keel, 'tape', 'import', path, '--index', 'forward', '--out', out, '--json'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const peak = await peakOf(child);
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${megabytes} MB, ${rows} rows: ${seconds.toFixed(1)} s, ${(megabytes / seconds).toFixed(0)} MB/s, at most ${peak.toFixed(0)} MB resident`,
    );
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
