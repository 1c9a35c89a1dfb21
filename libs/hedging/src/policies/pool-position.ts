import type { Candidate } from '@evenkeel/facts';
import { parseInstrument } from '@evenkeel/instruments';
import type { RangePosition } from '@evenkeel/pools';
import { Decimal, failure, success, NANOS_PER_YEAR } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import type { CostModel } from '../cost-model/cost-model';
import type { PoolLeg } from '../pool/pool-leg';
import { poolFeeRate, poolGreeks } from '../pool/pool-leg';
import type { Recentring } from '../pool/recentre';
import { recentring } from '../pool/recentre';
import { cheapestRate, degradedIngredient, judgeEach, numeraireGamma, toTheEdge } from './band';
import type { BandJudgement } from './band';
import { residualRisk } from '../policy/candidates';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField, oneOf, onlyFields, positiveDuration, positiveNumber } from '../policy/policy-fields';

export interface PoolPositionSettings {
  readonly riskAversion: number;
  readonly legs: readonly PoolLeg[];
  readonly horizonYears: number;
  /** For a book without options to take one from, per 1.00. */
  readonly volatility: number;
  /** What to make of a range that would better be moved. */
  readonly recentre: 'advise' | 'assume' | 'never';
  readonly costs: CostModel;
}

const INVALID = 'HEDGING.POLICY_INVALID';
const LEG_FIELDS = [
  'instrument',
  'liquidity',
  'priceLower',
  'priceUpper',
  'dailyVolumeUsd',
  'poolLiquidity',
  'gasUsd',
];

/**
 * `{ "kind": "pool-position", "riskAversion": "0.00002", "positions": [{ "instrument": "WETH-USDC-500@uniswap-v3-polygon",
 * "liquidity": "20000", "priceLower": "1700", "priceUpper": "2000" }] }`: hedges ranges of concentrated liquidity beside
 * whatever else is in the book. Their delta (the coin held) and gamma (−L/2P^{3/2} in range) join the book's; the band is Whalley &
 * Wilmott's for the gamma of both; moving a range back around the price is weighed as one more candidate. Use it to keep the fees of a pool
 * and lay off its price risk.
 */
export function parsePoolPosition(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, [
    'riskAversion',
    'positions',
    'horizon',
    'volatility',
    'recentre',
    'costs',
  ]);
  if (!checked.ok) return checked;
  const riskAversion = positiveNumber(fields, 'riskAversion');
  if (!riskAversion.ok) return riskAversion;
  const horizon = positiveDuration({ horizon: 'P1D', ...fields }, 'horizon');
  if (!horizon.ok) return horizon;
  const volatility = positiveNumber({ volatility: '0.6', ...fields }, 'volatility');
  if (!volatility.ok) return volatility;
  const recentre = oneOf(fields, 'recentre', ['advise', 'assume', 'never']);
  if (!recentre.ok) return recentre;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  const written = fields['positions'];
  if (!Array.isArray(written) || written.length === 0)
    return failure(INVALID, 'positions must be a list of at least one range', 'positions');
  const legs: PoolLeg[] = [];
  for (const [index, entry] of written.entries()) {
    const leg = parseLeg(entry, `positions[${index}]`);
    if (!leg.ok) return leg;
    legs.push(leg.value);
  }
  return success(
    createPoolPosition({
      riskAversion: riskAversion.value,
      legs,
      horizonYears: Number(horizon.value) / NANOS_PER_YEAR,
      volatility: volatility.value,
      recentre: recentre.value,
      costs: costs.value,
    }),
  );
}

function parseLeg(written: unknown, path: string): Result<PoolLeg> {
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return failure(INVALID, `${path} must be an object`, path);
  // An object that is no array has string keys and unknown values.
  const fields = written as PolicyFields;
  const stranger = Object.keys(fields).find((name) => !LEG_FIELDS.includes(name));
  if (stranger !== undefined)
    return failure(
      INVALID,
      `${path} has no field "${stranger}"; it has ${LEG_FIELDS.join(', ')}`,
      `${path}.${stranger}`,
    );
  const instrument = fields['instrument'];
  const parsed = typeof instrument === 'string' ? parseInstrument(instrument) : undefined;
  const feeRate = typeof instrument === 'string' ? poolFeeRate(instrument) : undefined;
  if (parsed === undefined || !parsed.ok || feeRate === undefined)
    return failure(
      INVALID,
      `${path}.instrument must be a pool such as WETH-USDC-500@uniswap-v3-polygon`,
      `${path}.instrument`,
    );
  const amounts = new Map<string, number>();
  for (const name of LEG_FIELDS.slice(1)) {
    const value = fields[name] ?? '0';
    const number = Decimal.tryParse(String(value));
    if (number === undefined || number.isNegative())
      return failure(INVALID, `${path}.${name} must be a number of 0 or more`, `${path}.${name}`);
    amounts.set(name, number.toNumber());
  }
  const at = (name: string): number => amounts.get(name) ?? 0;
  if (!(at('priceUpper') > at('priceLower')))
    return failure(INVALID, `${path}.priceUpper must be above priceLower`, `${path}.priceUpper`);
  if (!(at('liquidity') > 0))
    return failure(INVALID, `${path}.liquidity must be a positive number`, `${path}.liquidity`);
  return success({
    instrument: parsed.value.id,
    underlying: parsed.value.underlying,
    range: { liquidity: at('liquidity'), priceLower: at('priceLower'), priceUpper: at('priceUpper') },
    feeRate,
    dailyVolumeUsd: at('dailyVolumeUsd'),
    poolLiquidity: at('poolLiquidity'),
    gasUsd: at('gasUsd'),
  });
}

export function createPoolPosition(settings: PoolPositionSettings): Policy {
  return { kind: 'pool-position', evaluate: (input) => evaluate(input, settings) };
}

/** A leg where it stands now, and what moving it would bring. */
interface Standing {
  readonly key: string;
  readonly leg: PoolLeg;
  readonly moved: Recentring | undefined;
}

function evaluate(input: PolicyInput, settings: PoolPositionSettings): PolicyOutput {
  const remember: Record<string, string> = { ...input.remembered };
  const extra: Candidate[] = [];
  const reasons = new Set<string>();
  let moves = false;
  const underlyings = input.underlyings.map((view) => {
    const volatility = view.volatility > 0 ? view.volatility : settings.volatility;
    const standings = standingsOf(input, view, settings, volatility);
    const legs = standings.map(({ key, leg, moved }) => {
      const worth = moved !== undefined && moved.gain > 0 && view.refusals.length === 0;
      if (moved !== undefined) extra.push(...rangeCandidates(view, leg, moved, settings));
      if (worth) reasons.add(settings.recentre === 'assume' ? 'RANGE_RECENTRED' : 'RECENTRE_ADVISED');
      const range = worth && settings.recentre === 'assume' ? moved.range : leg.range;
      moves ||= range !== leg.range;
      remember[key] = rangeText(range);
      return { ...leg, range };
    });
    return withPools({ ...view, volatility }, legs);
  });
  const seen: PolicyInput = { ...input, underlyings };
  const output = judgeEach(seen, (view) => judged(view, input, settings));
  return {
    ...output,
    candidates: output.trades.length > 0 || moves ? [...output.candidates, ...extra] : output.candidates,
    reasons: output.trades.length > 0 ? [...output.reasons, ...reasons] : output.reasons,
    remember,
  };
}

function standingsOf(
  input: PolicyInput,
  view: UnderlyingView,
  settings: PoolPositionSettings,
  volatility: number,
): Standing[] {
  return settings.legs.flatMap((written, index) => {
    if (written.underlying !== view.underlying) return [];
    const key = `range ${index}`;
    const kept = rangeOf(input.remembered[key]);
    const leg = kept === undefined ? written : { ...written, range: kept };
    const moved =
      settings.recentre === 'never'
        ? undefined
        : recentring(leg, view.spotUsd, volatility, settings.horizonYears);
    return [{ key, leg, moved }];
  });
}

/** The view of an underlying with the ranges' coin and gamma in it; USD taken as the pool's money. */
function withPools(view: UnderlyingView, legs: readonly PoolLeg[]): UnderlyingView {
  let [delta, gamma] = [0, 0];
  for (const leg of legs) {
    const greeks = poolGreeks(leg, view.spotUsd);
    delta += greeks.delta;
    gamma += greeks.gamma;
    // In its own coin a range is worth less coin as the coin rises.
    if (view.spot === 1 && view.spotUsd !== 1) delta -= greeks.value / view.spotUsd;
  }
  return {
    ...view,
    delta: view.delta + delta,
    gamma: view.gamma + gamma,
    exposure: view.exposure + delta,
  };
}

function judged(view: UnderlyingView, input: PolicyInput, settings: PoolPositionSettings): BandJudgement {
  const { riskAversion, costs, horizonYears } = settings;
  const cost = cheapestRate(view, costs);
  const gamma = numeraireGamma(view);
  const inputs = {
    cost,
    spot: view.spot,
    gamma,
    riskAversion,
    rate: input.snapshot.rate,
    expiryYears: view.expiryYears,
  };
  return toTheEdge(view, whalleyWilmottHalfBand(inputs) * view.bandScale, {
    ingredients: [
      { name: 'risk aversion', value: riskAversion, unit: '1/numeraire' },
      { name: 'proportional cost', value: cost, unit: 'fraction' },
      { name: 'gamma with pools', value: gamma, unit: `${view.underlying} per numeraire` },
      { name: 'volatility', value: view.volatility, unit: '1' },
      ...degradedIngredient(view),
    ],
    horizonYears,
    riskAversion,
    costs,
  });
}

/** Keeping a range and moving it, with what each is expected to cost: fees earned less LVR stand as `funding`, received negative. */
function rangeCandidates(
  view: UnderlyingView,
  leg: PoolLeg,
  moved: Recentring,
  settings: PoolPositionSettings,
): Candidate[] {
  const numeraireUsd = view.spot > 0 ? view.spotUsd / view.spot : 1;
  const candidate = (name: string, range: RangePosition, parts: Parts, rejected: string): Candidate => {
    const seen = withPools(
      { ...view, volatility: view.volatility > 0 ? view.volatility : settings.volatility },
      [{ ...leg, range }],
    );
    const [fee, gas, funding] = [parts.fee, parts.gas, parts.carry].map((usd) => usd / numeraireUsd) as [
      number,
      number,
      number,
    ]; // three in, three out
    const total = fee + gas + funding;
    const risk = residualRisk(seen, seen.exposure, settings.horizonYears);
    return {
      name: `${view.underlying} ${name} ${leg.instrument}`,
      trades: [],
      expectedCost: { fee, spread: 0, impact: 0, funding, gas, margin: 0, total },
      residualRisk: risk,
      score: total + 0.5 * settings.riskAversion * risk * risk,
      chosen: false,
      rejected,
    };
  };
  const carry = (part: Recentring['carryBefore']): number => part.lvr - part.fees;
  const better = moved.gain > 0;
  const how =
    settings.recentre === 'assume'
      ? 'taken as carried out: ranges are moved outside of this system'
      : 'worth doing by hand: pools are no venue of this system';
  const ends = `${moved.range.priceLower.toPrecision(6)}–${moved.range.priceUpper.toPrecision(6)}`;
  return [
    candidate(
      'keep the range of',
      leg.range,
      { fee: 0, gas: 0, carry: carry(moved.carryBefore) },
      better ? `re-centring gains ${moved.gain.toPrecision(4)} USD` : 'no trade of its own',
    ),
    candidate(
      `re-centre to ${ends} the range of`,
      moved.range,
      { fee: moved.swapCost, gas: moved.gasCost, carry: carry(moved.carryAfter) },
      better ? how : `loses ${(-moved.gain).toPrecision(4)} USD until the horizon`,
    ),
  ];
}

interface Parts {
  readonly fee: number;
  readonly gas: number;
  readonly carry: number;
}

function rangeText(range: RangePosition): string {
  return [range.liquidity, range.priceLower, range.priceUpper].join(' ');
}

function rangeOf(text: string | undefined): RangePosition | undefined {
  const [liquidity, priceLower, priceUpper] = (text ?? '').split(' ').map(Number);
  if (liquidity === undefined || priceLower === undefined || priceUpper === undefined) return undefined;
  return { liquidity, priceLower, priceUpper };
}
