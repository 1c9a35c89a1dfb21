import { priceBlack76, rateOf } from '../door/black76';
import { hasInput, numberInput, optionalNumber } from '../door/inputs';
import { invalidInput } from '../errors';
import { math } from '../math';
import { butterflyArbitrage } from '../smile/arbitrage';
import type { SabrExpansion, SabrParameters } from '../smile/sabr';
import { sabrDeltas, sabrNormalVolatility, sabrSensitivities, sabrVolatility } from '../smile/sabr';
import { sabrFiniteDifferenceValue } from '../smile/sabr-finite-difference';
import { assertOpen } from '../smile/range-checks';
import { sviRawOfSsvi } from '../smile/ssvi';
import type { SviRaw } from '../smile/svi';
import {
  assertSviRaw,
  sviCurvature,
  sviDensityFactor,
  sviJumpWingsOfRaw,
  sviRawOfJumpWings,
  sviSlope,
  sviTotalVariance,
} from '../smile/svi';
import { stickyGreeks } from '../surface/surface-greeks';
import type { PricingCase } from './case-file';
import { numbersNamed, optionalType } from './input-readers';

type Quantities = Readonly<Record<string, unknown>>;

const EXPANSIONS: Readonly<Record<string, SabrExpansion>> = {
  hagan: 'hagan',
  'hagan-2002': 'hagan',
  obloj: 'obloj',
  andersen: 'andersen',
  'lefloch-kennedy': 'andersen',
};

/** The expansion that the title of a table names, for files that carry no `method`; Hagan's otherwise. */
export function sabrMethodOfTable(table: string | undefined): string {
  return table !== undefined && /andersen|kennedy/i.test(table) ? 'andersen' : 'hagan';
}

/**
 * `sabr`: `value` and `black_vol` are the Black volatility. With a `type` the value is the option's, undiscounted or with `r`
 * or `discount`, the Greeks are Black's at that volatility, and `deltaBackbone` and `deltaBartlett` move the smile.
 * `method`: hagan, obloj, andersen (lefloch-kennedy), normal, finite-difference.
 */
export function runSabrCase({ inputs }: PricingCase, table: string | undefined): Quantities {
  const { F, K, T } = numbersNamed(inputs, 'F', 'K', 'T');
  const { alpha, beta, nu, rho } = numbersNamed(inputs, 'alpha', 'beta', 'nu', 'rho');
  const shift = optionalNumber(inputs, 'shift', 0);
  const parameters: SabrParameters = { alpha, beta, nu, rho, ...(shift === 0 ? {} : { shift }) };
  const point = { forward: F, strike: K, years: T };
  const type = optionalType(inputs);
  const name = hasInput(inputs, 'method') ? String(inputs['method']) : sabrMethodOfTable(table);
  if (name === 'normal') {
    const normal = sabrNormalVolatility(parameters, point);
    return { value: normal, normal_vol: normal };
  }
  if (name === 'finite-difference') {
    const side = type ?? 'call';
    return { value: math.exp(-rateOf(inputs, T) * T) * sabrFiniteDifferenceValue(parameters, point, side) };
  }
  const expansion = Object.hasOwn(EXPANSIONS, name) ? EXPANSIONS[name] : undefined;
  if (expansion === undefined) {
    throw invalidInput(
      'method',
      `must be one of ${[...Object.keys(EXPANSIONS), 'normal', 'finite-difference'].join(', ')}, not ${name}`,
    );
  }
  const volatility = sabrVolatility(parameters, point, expansion);
  if (type === undefined) return { value: volatility, black_vol: volatility };
  const rate = rateOf(inputs, T);
  const option = priceBlack76({ type, F: F + shift, K: K + shift, T, sigma: volatility, r: rate });
  const deltas = sabrDeltas(option, sabrSensitivities(parameters, point, expansion), parameters, F);
  return { ...option, black_vol: volatility, deltaBackbone: deltas.backbone, deltaBartlett: deltas.bartlett };
}

/**
 * `svi`: raw (a, b, rho, m, sigma), jump wings (v, psi, p, c, vTilde) or one SSVI slice (theta, phi, rho) at K or k. `value`
 * and `total_variance` are total variance; with a `type` the value is the option's and `stickyDelta…` Greeks move the smile.
 * `arbitrage` names where the slice has a negative density.
 */
export function runSviCase({ inputs }: PricingCase): Quantities {
  const years = numberInput(inputs, 'T');
  assertOpen('T', years, 0, Infinity);
  const forward = optionalNumber(inputs, 'F', 1);
  assertOpen('F', forward, 0, Infinity);
  const strike = hasInput(inputs, 'K')
    ? numberInput(inputs, 'K')
    : forward * math.exp(numberInput(inputs, 'k'));
  assertOpen('K', strike, 0, Infinity);
  const svi = sviOfInputs(inputs, years);
  assertSviRaw(svi);
  const k = math.log(strike / forward);
  const total = sviTotalVariance(svi, k);
  const volatility = Math.sqrt(Math.max(0, total) / years);
  const findings = butterflyArbitrage({ expiry: `T=${years}`, years, forward, svi });
  const smile = {
    total_variance: total,
    impliedVolatility: volatility,
    slope: sviSlope(svi, k),
    curvature: sviCurvature(svi, k),
    densityFactor: total > 0 ? sviDensityFactor(svi, k) : 0,
    raw: svi,
    ...jumpWingsWhereTheyExist(svi, years),
    arbitrage: findings.map((finding) => finding.message),
  };
  const type = optionalType(inputs);
  if (type === undefined) return { value: total, ...smile };
  const option = priceBlack76({
    type,
    F: forward,
    K: strike,
    T: years,
    sigma: volatility,
    r: rateOf(inputs, years),
  });
  const skew = smile.slope / (2 * volatility * years);
  const convexity = smile.curvature / (2 * volatility * years) - (skew * skew) / volatility;
  const { stickyDelta } = stickyGreeks(
    option,
    { volatility, totalVariance: total, logMoneyness: k, forward, skew, convexity, perYear: 0 },
    forward,
  );
  return {
    ...option,
    ...smile,
    stickyDeltaDelta: stickyDelta.delta,
    stickyDeltaGamma: stickyDelta.gamma,
    stickyDeltaVanna: stickyDelta.vanna,
  };
}

function sviOfInputs(inputs: PricingCase['inputs'], years: number): SviRaw {
  if (hasInput(inputs, 'vTilde'))
    return sviRawOfJumpWings(numbersNamed(inputs, 'v', 'psi', 'p', 'c', 'vTilde'), years);
  if (hasInput(inputs, 'phi')) return sviRawOfSsvi(numbersNamed(inputs, 'theta', 'phi', 'rho'));
  return numbersNamed(inputs, 'a', 'b', 'rho', 'm', 'sigma');
}

function jumpWingsWhereTheyExist(svi: SviRaw, years: number): Quantities {
  return sviTotalVariance(svi, 0) > 0 ? { jumpWings: sviJumpWingsOfRaw(svi, years) } : {};
}
