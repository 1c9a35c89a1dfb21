import { unknownField } from '@evenkeel/kernel';
import { hasInput, numberInput } from '../door/inputs';
import { fairPowerPerpDailyFunding, fairPowerPerpRatio, powerPerpFunding } from '../door/power-perp';
import { PricingError } from '../errors';
import { fxDelta } from '../door/fx-delta';
import type { FxDeltaInputs } from '../door/fx-delta';
import { priceAsian } from '../exotic/asian';
import { priceBarrier } from '../exotic/barrier';
import { priceDigital } from '../exotic/digital';
import { priceDoubleBarrier } from '../exotic/double-barrier';
import { priceHeston } from '../exotic/heston';
import { priceHestonAsian } from '../exotic/heston-asian';
import { priceMerton } from '../exotic/merton';
import { priceRoughHeston } from '../exotic/rough-heston';
import { priceVannaVolga } from '../exotic/vanna-volga';
import { kernelHash } from '../kernel-instance';
import type { CaseInputs, CaseResults, PricingCase } from './case-file';
import { parseCaseFile, runCases } from './case-file';
import { runSabrCase, runSviCase } from './smile-cases';
import { runAmericanCase, runBlack76Case, runEuropeanCase, runInverseCase } from './vanilla-cases';
import { runVarianceOptionCase, runVarianceSwapCase } from './variance-swap-cases';

type Quantities = Readonly<Record<string, unknown>>;
type CaseRunner = (pricingCase: PricingCase, table: string | undefined) => Quantities;

/** Every model that a file may name. */
const RUNNERS: Readonly<Record<string, CaseRunner>> = {
  european: runEuropeanCase,
  black76: runBlack76Case,
  inverse: runInverseCase,
  american: runAmericanCase,
  digital: exotic(priceDigital),
  barrier: exotic(priceBarrier),
  'double-barrier': exotic(priceDoubleBarrier),
  'vanna-volga': exotic(priceVannaVolga),
  asian: exotic(priceAsian),
  merton: exotic(priceMerton),
  heston: exotic(priceHeston),
  'heston-asian': exotic(priceHestonAsian),
  'rough-heston': exotic(priceRoughHeston),
  sabr: runSabrCase,
  svi: runSviCase,
  'variance-swap': runVarianceSwapCase,
  'heston-variance-option': runVarianceOptionCase,
  'power-perp': runPowerPerpCase,
  // The door checks every field; a case is not yet known to have them.
  'fx-delta': ({ inputs }) => ({ value: fxDelta(inputs as unknown as FxDeltaInputs) }),
};

/** The model names that `runPricingFile` knows by itself, in the order of its documentation. */
export const caseModels: readonly string[] = Object.keys(RUNNERS);

/** Models of other libraries that a file may name too. */
export type MoreModels = Readonly<Record<string, (inputs: CaseInputs) => Quantities>>;

/**
 * The core of `keel price`: values every case of a file `{ "model", "method"?, "cases": [{ "id", "inputs", "model"?,
 * "method"? }] }`. Results are in the file's order, each with `value` and the Greeks its model has, or with `error`: one bad
 * case never spoils the rest. Throws `PRICING.CASE_FILE` only when the file is no such object.
 */
export function runPricingFile(file: unknown, more: MoreModels = {}): CaseResults {
  const parsed = parseCaseFile(file);
  return runCases(parsed, kernelHash, (pricingCase) =>
    runnerOf(pricingCase.model, more)(pricingCase, parsed.table),
  );
}

function runnerOf(model: string | undefined, more: MoreModels): CaseRunner {
  if (model === undefined) {
    throw new PricingError({
      code: 'PRICING.MISSING_INPUT',
      message: 'model is missing: name it in the file or in the case',
      path: 'model',
    });
  }
  const other = Object.hasOwn(more, model) ? more[model] : undefined;
  if (other !== undefined) return ({ inputs }) => other(inputs);
  const runner = Object.hasOwn(RUNNERS, model) ? RUNNERS[model] : undefined;
  if (runner === undefined) {
    throw new PricingError({
      code: 'PRICING.UNKNOWN_MODEL',
      message: `model ${JSON.stringify(model)} ${unknownField(model, [...caseModels, ...Object.keys(more)], 'is none that there is')}`,
      path: 'model',
    });
  }
  return runner;
}

/** A door that takes the inputs as they are. */
function exotic(price: (inputs: CaseInputs) => object): CaseRunner {
  return ({ inputs }) => ({ ...price(inputs) });
}

/** `power-perp`: the funding of a squared perpetual; with `impliedVol` what would be fair. `value` is the multiplier. */
function runPowerPerpCase({ inputs }: PricingCase): Quantities {
  const optional = (name: string): number | undefined =>
    hasInput(inputs, name) ? numberInput(inputs, name) : undefined;
  const [volatility, period] = [optional('impliedVol'), optional('periodSeconds')];
  const funding = powerPerpFunding({
    price: numberInput(inputs, 'price'),
    scale: numberInput(inputs, 'scale'),
    perpPrice: numberInput(inputs, 'perpPrice'),
    normalisation: numberInput(inputs, 'normalisation'),
    elapsedSeconds: numberInput(inputs, 'elapsedSeconds'),
    ...(period === undefined ? {} : { periodSeconds: period }),
  });
  return {
    value: funding.multiplier,
    ...funding,
    ...(volatility === undefined
      ? {}
      : {
          fairMarkOverIndex: fairPowerPerpRatio(volatility),
          fairDailyFunding: fairPowerPerpDailyFunding(volatility),
        }),
  };
}
