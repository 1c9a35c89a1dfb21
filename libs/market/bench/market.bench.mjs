// Reading an option chain next to merely splitting the same text into cells, and the price core on its own. The text is
// generated, so that the figures need no recorded data.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { createPriceIngest, createTape, demonstrationMarket, parseTapeManifest } = require('../dist/index.js');

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function seconds(work) {
  const started = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

const HEADER =
  'timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,bid_price,ask_price,mark_price,' +
  'implied_volatility,delta,vega,open_interest,volume,currency,index_price,volume_usd';

function chainText(rows) {
  const lines = [HEADER];
  for (let row = 0; row < rows; row += 1) {
    const hour = String(Math.floor(row / 650) % 24).padStart(2, '0');
    const day = String(1 + (Math.floor(row / (650 * 24)) % 28)).padStart(2, '0');
    const strike = 60000 + (row % 325) * 250;
    const side = row % 2 === 0 ? 'C' : 'P';
    lines.push(
      `2026-01-${day}T${hour}:00:15.944181Z,BTC-27MAR26-${strike}-${side},88728.94666666667,SYN.BTC-27MAR26,call,${strike}.0,` +
        `2026-03-27T08:00:00Z,0.0${10 + (row % 80)},0.0${20 + (row % 70)},0.08550357,0.4322999999999999,0.81644,50.27111,0.3,0.0,BTC,88530.23,0.0`,
    );
  }
  return lines.join('\n');
}

/** The least that reading can cost: every line split into its cells. */
function splitOnly(text) {
  let cells = 0;
  for (const line of text.split('\n')) cells += line.split(',').length;
  return cells;
}

export default async function bench({ quick }) {
  const rows = quick ? 20_000 : 80_000;
  const rounds = quick ? 3 : 7;
  const text = chainText(rows);
  const manifest = parseTapeManifest(
    {
      tape: 'bench',
      from: '2026-01-01T00:00:00Z',
      to: '2026-02-01T00:00:00Z',
      sources: [{ file: 'chain.csv', format: 'deribit-chain', currency: 'BTC' }],
    },
    'bench',
  );
  const texts = new Map([['chain.csv', text]]);
  const reading = [];
  const splitting = [];
  for (let round = 0; round < rounds; round += 1) {
    reading.push(seconds(() => createTape(manifest, texts)));
    splitting.push(seconds(() => splitOnly(text)));
  }
  const { tape } = demonstrationMarket('bench', quick ? 2 : 7);
  const instants = [...tape.instants()];
  const ingesting = [];
  for (let round = 0; round < rounds; round += 1) {
    const ingest = createPriceIngest({ sources: tape.sources });
    ingesting.push(seconds(() => instants.forEach((raw, index) => ingest.ingest(raw, index + 1))));
  }
  const rate = rows / median(reading);
  const peer = rows / median(splitting);
  return {
    name: 'market',
    rows: [
      {
        metric: 'option chain read, checked and merged',
        value: Math.round(rate),
        unit: 'rows/s',
        against: 'splitting the same text into cells',
        ratio: rate / peer,
      },
      { metric: 'price core', value: Math.round(instants.length / median(ingesting)), unit: 'instants/s' },
    ],
  };
}
