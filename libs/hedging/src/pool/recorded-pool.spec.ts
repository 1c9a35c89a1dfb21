import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import {
  liquidityOfValue,
  lossVersusRebalancing,
  priceOfSqrtRatio,
  rangeGreeks,
  sqrtRatioAtTick,
} from '@evenkeel/pools';
import { Decimal } from '@evenkeel/kernel';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import type { HedgeInstrument } from '../hedge-instrument';
import { parsePoolPosition } from '../policies/pool-position';
import type { UnderlyingView } from '../policy/policy';
import { specificationText } from '../../test/scenario';

const FOLDER = 'data/dex-2023-08';
const DAYS = ['14', '15', '16', '17'];

interface Minute {
  /** USDC per WETH. */
  readonly price: number;
  /** Fees of the pool in the minute, USD. */
  readonly fees: number;
  /** Whole-token units of √(USDC · WETH). */
  readonly liquidity: number;
}

/** The pool's minutes: token0 is USDC (6 decimals), token1 WETH (18). */
function minutes(): Minute[] {
  return DAYS.flatMap((day) => {
    const name = `polygon-0x45dda9cb7c25131df268515131f647d726f50608-2023-08-${day}.minute.csv.gz`;
    const text = gunzipSync(readFileSync(join(sharedDir() ?? '', FOLDER, name))).toString('utf8');
    return text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [, , , tick = '0', , , , in0 = '0', in1 = '0', liquidity = '0'] = line.split(',');
        const price = 1e12 / priceOfSqrtRatio(sqrtRatioAtTick(Number(tick)));
        return {
          price,
          fees: 0.0005 * (Number(in0) / 1e6 + (Number(in1) / 1e18) * price),
          liquidity: Number(liquidity) / 1e12,
        };
      });
  });
}

function perpAt(price: number): HedgeInstrument {
  return {
    id: 'ETHUSDT-PERP@binance',
    contract: parseContract(specificationText('ETHUSDT-PERP@binance')),
    kind: 'perpetual',
    underlying: 'ETH',
    referencePrice: String(price),
    bid: price,
    ask: price,
    deltaPerContract: 1,
    gammaPerContract: 0,
    vegaPerContract: 0,
    thetaPerContract: 0,
    vannaPerContract: 0,
    expiryYears: 0,
    volatility: 0,
    notionalPerContract: price,
    takerFee: 0.0005,
    makerFee: 0.0002,
    halfSpread: 0.00002,
    lot: Decimal.parse('0.001'),
    minQuantity: Decimal.parse('0.001'),
    status: 'OK',
    ageSeconds: 0,
  };
}

function viewAt(price: number, held: number): UnderlyingView {
  return {
    underlying: 'ETH',
    spot: price,
    spotUsd: price,
    spotStatus: 'OK',
    delta: held,
    gamma: 0,
    vega: 0,
    theta: 0,
    volatility: 0,
    expiryYears: 0,
    inFlightDelta: 0,
    inFlightContracts: new Map(),
    resting: [],
    restingDecided: false,
    target: 0,
    exposure: held,
    bandScale: 1,
    refusals: [],
    instruments: [perpAt(price)],
    memory: { rebalancedAt: '', hedgedAt: '', hedgeSpotUsd: 0 },
  };
}

// All that this policy looks at in a snapshot.
const snapshot = {
  rate: 0,
  legs: [],
  at: '2023-08-14T00:00:00Z',
  numeraire: 'USD',
} as unknown as RiskSnapshotTaken;

describe('a range position in the recorded pool, hedged by the policy on the perpetual', () => {
  itWithSharedData(FOLDER)(
    'keeps the fees and loses about its loss versus rebalancing, not the price move',
    () => {
      const path = minutes();
      const start = path[0]?.price ?? 0;
      const ends = { priceLower: start * 0.85, priceUpper: start * 1.15 };
      const range = { ...ends, liquidity: liquidityOfValue(100_000, start, ends) };
      const parsed = parsePoolPosition({
        kind: 'pool-position',
        riskAversion: '0.1',
        recentre: 'never',
        positions: [
          {
            instrument: 'WETH-USDC-500@uniswap-v3-polygon',
            liquidity: String(range.liquidity),
            priceLower: String(ends.priceLower),
            priceUpper: String(ends.priceUpper),
          },
        ],
      });
      if (!parsed.ok) throw new Error(parsed.failure.message);
      let [held, hedge, costs, fees, lvr, trades] = [0, 0, 0, 0, 0, 0];
      let before = start;
      for (const { price, fees: earned, liquidity } of path) {
        hedge += held * (price - before);
        const move = Math.log(price / before);
        lvr += lossVersusRebalancing(range, before, 1) * move * move;
        if (price > ends.priceLower && price < ends.priceUpper)
          fees += earned * (range.liquidity / liquidity);
        before = price;
        const output = parsed.value.evaluate({
          snapshot,
          now: 0n,
          numeraireUsd: 1,
          underlyings: [viewAt(price, held)],
          remembered: {},
        });
        for (const { quantity } of output.trades) {
          held += Number(quantity);
          costs += Math.abs(Number(quantity)) * price * 0.00052;
          trades += 1;
        }
      }
      const end = rangeGreeks(range, before).value;
      const unhedged = end - 100_000;
      const hedged = unhedged + hedge;
      // ETH fell 8.6 % on 17 August: the position alone lost thousands.
      expect(unhedged).toBeLessThan(-3000);
      expect(Math.abs(hedged)).toBeLessThan(0.15 * Math.abs(unhedged));
      expect(hedged).toBeLessThan(0);
      expect(lvr).toBeGreaterThan(0);
      // What a continuous hedge would lose, within what a band leaves open.
      expect(Math.abs(hedged + lvr)).toBeLessThan(0.04 * Math.abs(unhedged));
      expect(fees).toBeGreaterThan(0);
      expect(trades).toBeGreaterThan(10);
      expect(costs).toBeLessThan(0.02 * 100_000);
    },
  );
});
