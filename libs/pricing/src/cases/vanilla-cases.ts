import { DAYS_PER_YEAR } from '@evenkeel/kernel';
import type { Black76Inputs } from '../door/black76';
import { priceBlack76 } from '../door/black76';
import type { EuropeanInputs } from '../door/european';
import { priceEuropean } from '../door/european';
import { dividendYieldOf, hasInput, numberInput, optionType } from '../door/inputs';
import type { InverseInputs } from '../door/inverse';
import { priceInverse } from '../door/inverse';
import type { FullValuation } from '../door/valuation';
import { invalidInput } from '../errors';
import { priceAmerican } from '../exotic/american';
import { math } from '../math';
import type { CaseInputs, PricingCase } from './case-file';
import { withInputs } from './watched-inputs';

type Quantities = Readonly<Record<string, number>>;

/**
 * `european`, with what quotation adds: elasticity and theta per day. Where the case names an `engine` or an exercise that is
 * American it is priced as one.
 */
export function runEuropeanCase({ inputs }: PricingCase): Quantities {
  const engine = typeof inputs['engine'] === 'string' ? inputs['engine'] : '';
  if (/bermudan/i.test(engine))
    throw invalidInput('engine', 'asks for a Bermudan option, which no model prices');
  if (/american/i.test(engine) || isAmerican(inputs)) {
    return runAmerican(inputs, methodOfEngine(engine));
  }
  // The door checks every field; a case is not yet known to have them.
  const valuation = priceEuropean(inputs as unknown as EuropeanInputs);
  return withQuotation(valuation, numberInput(inputs, 'S'));
}

/** `american`: `method` of the case or the file; high precision by default. */
export function runAmericanCase({ inputs }: PricingCase): Quantities {
  if (hasInput(inputs, 'exercise') && !isAmerican(inputs))
    throw invalidInput('exercise', `is american under this model, not ${JSON.stringify(inputs['exercise'])}`);
  return runAmerican(inputs, undefined);
}

/**
 * `black76`. With S beside F (and r, q) the Greeks are those of the spot, and the forward's are `deltaFwd` and `gammaFwd`;
 * F must then be `S·e^{(r-q)T}`.
 */
export function runBlack76Case({ inputs }: PricingCase): Quantities {
  // The door checks every field; a case is not yet known to have them.
  const terms = inputs as unknown as Black76Inputs;
  const onForward = priceBlack76(terms);
  const forward = numberInput(inputs, 'F');
  if (!hasInput(inputs, 'S')) return withQuotation(onForward, forward);
  const spot = numberInput(inputs, 'S');
  const years = numberInput(inputs, 'T');
  const r = numberInput(inputs, 'r');
  const q = dividendYieldOf(inputs, r);
  const implied = spot * math.exp((r - q) * years);
  if (!(Math.abs(implied - forward) <= 1e-9 * forward)) {
    throw invalidInput('F', `is ${forward}, but S, r and q make the forward ${implied}`);
  }
  const K = numberInput(inputs, 'K');
  const sigma = hasInput(inputs, 'sigma')
    ? numberInput(inputs, 'sigma')
    : numberInput(inputs, 'stdDev') / Math.sqrt(years);
  const onSpot = priceEuropean({ type: optionType(inputs), S: spot, K, T: years, r, q, sigma });
  const deviation = sigma * Math.sqrt(years);
  const sign = optionType(inputs) === 'call' ? 1 : -1;
  const d1 = math.log(forward / K) / deviation + deviation / 2;
  return {
    ...withQuotation(onSpot, spot),
    deltaFwd: onForward.delta,
    gammaFwd: onForward.gamma,
    elasticityFwd: (onForward.delta * forward) / onForward.value,
    itmAssetProb: math.normCdf(sign * d1),
    itmCashProb: math.normCdf(sign * (d1 - deviation)),
  };
}

/** `inverse`: value in the quote currency and in coin. */
export function runInverseCase({ inputs }: PricingCase): Quantities {
  return { ...priceInverse(inputs as unknown as InverseInputs) }; // the door checks every field
}

/** The number of calendar days that a theta per day is over. */

function withQuotation(
  valuation: Partial<FullValuation> & { value: number; delta: number; theta: number },
  underlying: number,
): Quantities {
  const quoted: Record<string, number> = {};
  for (const [name, value] of Object.entries(valuation)) if (value !== undefined) quoted[name] = value;
  quoted['thetaPerDay'] = valuation.theta / DAYS_PER_YEAR;
  if (valuation.value !== 0) quoted['elasticity'] = (valuation.delta * underlying) / valuation.value;
  return quoted;
}

/** `byEngine`: the method that the name of an engine means, where the case names none. */
function runAmerican(inputs: CaseInputs, byEngine: string | undefined): Quantities {
  const named = byEngine === undefined || hasInput(inputs, 'method');
  return { ...priceAmerican(named ? inputs : withInputs(inputs, { method: byEngine })) };
}

function isAmerican(inputs: CaseInputs): boolean {
  const exercise = inputs['exercise'];
  if (exercise === undefined || exercise === null) return false;
  const word = typeof exercise === 'string' ? exercise.toLowerCase() : '';
  if (word !== 'european' && !word.startsWith('american'))
    throw invalidInput('exercise', `must be european or american, not ${JSON.stringify(exercise)}`);
  return word !== 'european';
}

/** Methods by the name that published runs give their engine; lattices and finite differences converge to high precision. */
function methodOfEngine(engine: string): string | undefined {
  if (/barone/i.test(engine)) return 'barone-adesi-whaley';
  if (/bjerksund/i.test(engine)) return 'bjerksund-stensland-1993';
  return undefined;
}
