// What a band costs: the asymptotic ones in a tight loop, the solved one remembered and solved anew, next to the asymptotic formula
// with the host's own Math.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const {
  hodgesNeubergerBand,
  solveOptionIndifference,
  whalleyWilmottHalfBand,
  zakamoulineBand,
} = require('../dist/index.js');

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function perSecond(work, count, rounds) {
  const rates = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = process.hrtime.bigint();
    work(count);
    rates.push((count * 1e9) / Number(process.hrtime.bigint() - started));
  }
  return median(rates);
}

const inputsAt = (index) => ({
  spot: 90_000 + (index % 100),
  gamma: -0.0002,
  volatility: 0.45,
  expiryYears: 0.02 - (index % 64) * 1e-5,
  cost: 0.0005,
  riskAversion: 0.00002,
  rate: 0,
});

const plain = ({ cost, spot, gamma, riskAversion, rate, expiryYears }) =>
  ((1.5 * Math.exp(-rate * expiryYears) * cost * spot * gamma * gamma) / riskAversion) ** (1 / 3);

function loop(band) {
  return (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += band(inputsAt(index));
    if (Number.isNaN(sum)) throw new Error('a band is a number');
  };
}

export default async function hedging({ quick }) {
  const count = quick ? 100_000 : 1_000_000;
  const rounds = quick ? 3 : 7;
  const host = perSecond(loop(plain), count, rounds);
  const rate = (metric, band) => {
    const value = perSecond(loop(band), count, rounds);
    return {
      metric,
      value,
      unit: 'bands/s',
      against: 'Whalley–Wilmott with the host’s Math',
      ratio: value / host,
    };
  };
  const rows = [
    rate('Whalley–Wilmott', whalleyWilmottHalfBand),
    rate('Zakamouline', (inputs) => zakamoulineBand(inputs).halfBand),
    rate('Hodges–Neuberger, remembered', (inputs) => hodgesNeubergerBand(inputs).upper),
  ];
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = process.hrtime.bigint();
    solveOptionIndifference({
      quantity: -1,
      strike: 1,
      volatility: 0.2,
      expiryYears: 1,
      cost: 0.01,
      riskAversion: 10,
      steps: 400,
    });
    times.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  rows.push({
    metric: 'Hodges–Neuberger, one option solved on 400 and 100 moves',
    value: median(times),
    unit: 'ms',
  });
  return { name: 'hedging', rows };
}
