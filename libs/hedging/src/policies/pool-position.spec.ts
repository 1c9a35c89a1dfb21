import { liquidityOfValue, rangeGreeks } from '@evenkeel/pools';
import { ETH_PERP, createProgram, markOf, only } from '../../test/scenario';
import { parsePolicy } from './registry';

const ends = { priceLower: 2700, priceUpper: 3300 };
const range = { ...ends, liquidity: liquidityOfValue(300_000, 3000, ends) };
const position = {
  instrument: 'WETH-USDC-500@uniswap-v3-polygon',
  liquidity: String(range.liquidity),
  priceLower: '2700',
  priceUpper: '3300',
  dailyVolumeUsd: '50000000',
  poolLiquidity: '2000000',
  gasUsd: '0.2',
};
const policy = { kind: 'pool-position', riskAversion: '0.0005', positions: [position] };
const at = '2026-01-01T10:00:00Z';
const eth = { underlying: 'ETH', delta: 0, gamma: 0, vega: 0, volatility: 0 };
const marksAt = (spot: number) => ({
  marks: [markOf('ETH@composite', spot, at), markOf(ETH_PERP, spot, at)],
});

describe('pool-position', () => {
  it('sells the coin that the range holds, to the edge of the band of the range’s gamma', () => {
    const program = createProgram(policy, [ETH_PERP]);
    const decision = only(program.snapshot(at, [eth]), 'HedgeDecided');
    const [assessed] = decision.assessments;
    const { delta, gamma } = rangeGreeks(range, 3000);
    expect(assessed?.delta).toBeCloseTo(delta, 9);
    expect(assessed?.gamma).toBeCloseTo(gamma, 12);
    expect(assessed?.bandUpper).toBeGreaterThan(0);
    expect(Number(decision.trades[0]?.quantity)).toBeLessThan(0);
    expect(assessed?.exposureAfter).toBeLessThanOrEqual(assessed?.bandUpper ?? 0);
    expect(decision.candidates.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'ETH keep the range of WETH-USDC-500@uniswap-v3-polygon',
        expect.stringMatching(/^ETH re-centre to .* the range of WETH-USDC-500@uniswap-v3-polygon$/),
      ]),
    );
    expect(decision.reasons).toEqual(['BAND_BREACHED']);
  });

  it('advises to move a range that the price has left, and says that it cannot do so itself', () => {
    const program = createProgram({ ...policy, horizon: 'P7D' }, [ETH_PERP]);
    const decision = only(program.snapshot(at, [{ ...eth, spot: 2400 }], marksAt(2400)), 'HedgeDecided');
    expect(decision.reasons).toContain('RECENTRE_ADVISED');
    const move = decision.candidates.find(({ name }) => name.includes('re-centre'));
    expect(move?.rejected).toContain('pools are no venue of this system');
    // All coin: the whole of it is sold.
    expect(decision.assessments[0]?.delta).toBeCloseTo(rangeGreeks(range, 2400).delta, 9);
    expect(decision.assessments[0]?.gamma).toBe(0);
  });

  it('told to assume that ranges are moved, hedges the moved range from then on', () => {
    const program = createProgram({ ...policy, horizon: 'P7D', recentre: 'assume' }, [ETH_PERP]);
    const decision = only(program.snapshot(at, [{ ...eth, spot: 2400 }], marksAt(2400)), 'HedgeDecided');
    expect(decision.reasons).toContain('RANGE_RECENTRED');
    const all = rangeGreeks(range, 2400).delta;
    expect(decision.assessments[0]?.delta).toBeLessThan(0.6 * all);
    expect(decision.assessments[0]?.gamma).toBeLessThan(0);
    program.reload();
    expect(program.state().programs['b']?.remembered['range 0']).toMatch(/^\d/);
  });

  it.each([
    [{ ...policy, positions: [] }, 'positions'],
    [{ ...policy, positions: [{ ...position, instrument: ETH_PERP }] }, 'positions[0].instrument'],
    [{ ...policy, positions: [{ ...position, priceUpper: '2000' }] }, 'positions[0].priceUpper'],
    [{ ...policy, positions: [{ ...position, liquidity: '0' }] }, 'positions[0].liquidity'],
    [{ ...policy, positions: [{ ...position, tick: 1 }] }, 'positions[0].tick'],
    [{ ...policy, recentre: 'always' }, 'recentre'],
  ])('refuses %j, naming the field', (written, path) => {
    expect(parsePolicy(JSON.stringify(written))).toMatchObject({ ok: false, failure: { path } });
  });
});
