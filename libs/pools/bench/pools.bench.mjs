// Exact quotes of a Uniswap v3 pool a second of processor time, beside the SDK of its authors and the contracts' own quoter on a local
// chain, in the same run; every amount is compared.
import { requireMeasured } from '../../../tools/bench-tree.mjs';
import { quoterPool } from './uniswap-quoter.mjs';
import { sdkPool } from './uniswap-sdk.mjs';

const require = requireMeasured(import.meta.url);
const { LivePool, PoolCurve, sqrtRatioAtTick } = require('../dist/index.js');
const { createRandom } = require('../../kernel/dist/index.js');

const TERMS = { feePips: 500, tickSpacing: 10 };
const TICK = 200_311;
const place = { block: 1, time: 1_000, logIndex: 0 };

/** 61 ranges of seeded width and liquidity around the price: up to 122 initialised ticks; a wide one below them all. */
function poolOf(random) {
  const pool = new LivePool(TERMS);
  const sqrtPrice = sqrtRatioAtTick(TICK) + 123_456_789n;
  pool.initialize(place, sqrtPrice);
  const ranges = [];
  const mint = (tickLower, tickUpper, liquidity) => {
    const { amount0, amount1 } = pool.mint(place, { owner: 'a', tickLower, tickUpper }, liquidity);
    ranges.push({ tickLower, tickUpper, amounts: [amount0, amount1] });
  };
  mint(180_000, 220_000, 10n ** 15n);
  for (let index = 0; index < 60; index += 1) {
    const low = Math.round((TICK - 900 + random.integer(1_700)) / 10) * 10;
    mint(low, low + 10 * (1 + random.integer(60)), BigInt(1 + random.integer(1_000)) * 10n ** 13n);
  }
  return { pool, opened: { feePips: TERMS.feePips, sqrtPrice, ranges } };
}

const seconds = (run) => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

/** Amounts in, both ways, that move the price by up to `reach` ticks and pass `least` to `most` initialised ones. */
function ordersOf(pool, random, { least, most, reach }, count) {
  const ticks = pool.snapshot().ticks.map(({ tick }) => tick);
  const { sqrtPrice, tick } = pool.slot;
  const orders = [];
  let ticksPassed = 0;
  while (orders.length < count) {
    const zeroForOne = random.integer(2) === 0;
    const end = tick + (zeroForOne ? -1 : 1) * Math.ceil(random.next() * reach);
    const number = ticks.filter((at) =>
      zeroForOne ? at <= tick && at > end : at > tick && at <= end,
    ).length;
    const limit = sqrtRatioAtTick(end) + BigInt(random.integer(1_000_000_000));
    if (number < least || number > most || zeroForOne !== limit < sqrtPrice) continue;
    const { taken } = pool.quote({ zeroForOne, amount: 1n << 120n, limit });
    orders.push({ zeroForOne, amount: taken - BigInt(random.integer(1_000)) });
    ticksPassed += number;
  }
  return { orders, mean: ticksPassed / count };
}

/** Quotes a second of processor time, best of several rounds. */
function rateOf(orders, rounds, quote) {
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    let sum = 0n;
    const spent = seconds(() => {
      for (const order of orders) sum += quote(order);
    });
    if (sum === 0n) throw new Error('nothing was quoted');
    best = Math.max(best, orders.length / spent);
  }
  return best;
}

const KINDS = [
  { name: '0–1 tick', least: 0, most: 1, reach: 30, aim: 1e6 },
  { name: 'mixed', least: 0, most: 12, reach: 170, aim: 0.8e6 },
  { name: '10 ticks and more', least: 10, most: 60, reach: 900, aim: 0.25e6 },
];

/** What an amount costs and what a marginal price buys, a second of processor time: in doubles, over all stretches of the pool. */
function curveRows(pool, random, exact, quick) {
  const curve = PoolCurve.of(pool, { base: 0, decimals0: 6, decimals1: 18, side: 'sell', most: Infinity });
  const count = quick ? 200_000 : 2_000_000;
  const amounts = Float64Array.from({ length: 4_096 }, () => curve.most * random.next() ** 3);
  const prices = amounts.map((amount) => curve.marginal(amount));
  const rate = (inputs, ask) => {
    let best = 0;
    for (let round = 0; round < 5; round += 1) {
      let sum = 0;
      const spent = seconds(() => {
        for (let index = 0; index < count; index += 1) sum += ask(inputs[index & 4_095]);
      });
      if (!(sum > 0)) throw new Error('the curve gave nothing');
      best = Math.max(best, count / spent);
    }
    return best;
  };
  const row = (metric, value) => ({
    metric,
    value: Math.round(value),
    unit: '1/s of processor',
    against: 'exact quotes of the same pool, mixed',
    ratio: value / exact,
    aims: { value: { min: 1e7 } },
  });
  return [
    row(
      'curve in doubles, money for an amount',
      rate(amounts, (amount) => curve.money(amount)),
    ),
    row(
      'curve in doubles, amount at a marginal price',
      rate(prices, (price) => curve.amountAt(price)),
    ),
  ];
}

function requireSame(orders, pool, told, who) {
  told.forEach((given, index) => {
    const ours = pool.quote(orders[index]).given;
    if (ours !== given) throw new Error(`quote ${index} differs from ${who}: ${ours}, ${given}`);
  });
}

/** One kind of quotes beside each peer; in turn, so that all meet the same load. */
async function quoteRows(pool, kind, random, { sdk, quoter }, quick) {
  const { name, aim } = kind;
  const { orders, mean } = ordersOf(pool, random, kind, 2_000);
  const many = Array.from({ length: quick ? 10 : 50 }, () => orders).flat();
  const few = orders.slice(0, quick ? 50 : 200);
  let [ours, theirs, contract] = [0, 0, 0];
  for (let round = 0; round < (quick ? 2 : 5); round += 1) {
    ours = Math.max(
      ours,
      rateOf(many, 2, (order) => pool.quote(order).given),
    );
    const before = process.cpuUsage();
    const told = await sdk.quotes(few);
    const { user, system } = process.cpuUsage(before);
    theirs = Math.max(theirs, few.length / ((user + system) / 1e6));
    requireSame(few, pool, told, sdk.name);
    if (quoter === undefined || round > 2) continue;
    const { given, rate } = await quoter.quotes(orders);
    contract = Math.max(contract, rate);
    requireSame(orders, pool, given, quoter.name);
  }
  const row = {
    metric: `exact quotes, ${name} (mean ${mean.toFixed(1)})`,
    value: Math.round(ours),
    unit: '1/s of processor',
    against: sdk.name,
    ratio: ours / theirs,
    aims: { value: { min: aim }, ratio: { min: 40 } },
  };
  if (quoter === undefined) return [row];
  const beside = { against: quoter.name, ratio: ours / contract, aims: { ratio: { min: 150 } } };
  return [row, { ...row, ...beside }];
}

export default async function bench({ quick }) {
  const random = createRandom('pools bench');
  const { pool: minted, opened } = poolOf(random);
  const quoter = await quoterPool(opened);
  if (quoter === undefined) process.stderr.write('  no local chain here: nothing stands beside its quoter\n');
  try {
    const pool = quoter?.pool ?? minted;
    const sdk = await sdkPool(pool.snapshot());
    const rows = [];
    for (const kind of KINDS) rows.push(await quoteRows(pool, kind, random, { sdk, quoter }, quick));
    const mixed = rows[1][0].value;
    return { name: 'pools', rows: [...rows.flat(), ...curveRows(pool, random, mixed, quick)] };
  } finally {
    await quoter?.stop();
  }
}
