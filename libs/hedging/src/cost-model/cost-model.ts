import type { Result } from '@evenkeel/kernel';
import {
  canonicalJson,
  failure,
  sha256,
  success,
  toHex,
  tryParseInstant,
  utf8,
  unknownField,
} from '@evenkeel/kernel';
import type { Estimate } from './estimate';
import { exactly, readEstimate } from './estimate';

/**
 * What trading one instrument costs. Fractions are of notional; Q is an order's notional, V a day's volume, both USD, and
 * σ_D the underlying's daily volatility.
 */
export interface InstrumentCosts {
  /** Fractions, one way; absent: the contract's terms. */
  readonly takerFee?: Estimate;
  readonly makerFee?: Estimate;
  /** Fraction; absent: what bid and ask show at the moment. */
  readonly halfSpread?: Estimate;
  /** Y of the temporary impact Y·σ_D·√(Q/V). */
  readonly squareRootImpact?: Estimate;
  /** η of the temporary impact η·σ_D·Q/V. */
  readonly linearImpact?: Estimate;
  /** p of the permanent impact p·σ_D·Q/V: by so much the price has moved for good after the trade. */
  readonly permanentImpact?: Estimate;
  /** V, USD; impact needs it. */
  readonly dailyVolume?: Estimate;
  /** Numeraire per order. */
  readonly gas?: Estimate;
  /** Expected, per year, fraction of notional; paid by longs where positive. */
  readonly fundingRate?: Estimate;
  /** Capital tied up, fraction of notional. */
  readonly initialMargin?: Estimate;
  /** What capital costs, per year. */
  readonly capitalRate?: Estimate;
}

/** A version of the desk's costs: data, with where it comes from. */
export interface CostModel {
  /** What people call it. */
  readonly version: string;
  /** Event times of the first and last observation; empty for a model that was written rather than fitted. */
  readonly fittedFrom: string;
  readonly fittedTo: string;
  /** Standard errors added to every cost; 0 takes the estimates as they are. */
  readonly prudence: number;
  /** By instrument; `*` for those not named. */
  readonly instruments: Readonly<Record<string, InstrumentCosts>>;
  /** SHA-256 of the canonical JSON of all the rest. */
  readonly hash: string;
}

const MODEL_FIELDS = ['version', 'fittedFrom', 'fittedTo', 'prudence', 'instruments', 'hash'];

type CostName = keyof InstrumentCosts;

/** Field → whether it may be negative: rebates and funding received are. */
const COST_FIELDS: Readonly<Record<CostName, boolean>> = {
  takerFee: true,
  makerFee: true,
  halfSpread: false,
  squareRootImpact: false,
  linearImpact: false,
  permanentImpact: false,
  dailyVolume: false,
  gas: false,
  fundingRate: true,
  initialMargin: false,
  capitalRate: false,
};

const INVALID = 'HEDGING.COST_MODEL_INVALID';

/** Nothing fitted: fees from the contract's terms, spread from bid and ask, the rest nought. */
export const PLAIN_COSTS: CostModel = withHash({
  version: '',
  fittedFrom: '',
  fittedTo: '',
  prudence: 0,
  instruments: {},
});

/** Reads `costs` of a policy, or a cost-model file. Failures `HEDGING.COST_MODEL_INVALID` name the field. */
export function parseCostModel(written: unknown, path = 'costs'): Result<CostModel> {
  const fields = objectOf(written);
  if (fields === undefined) return failure(INVALID, `${path} must be an object`, path);
  const stranger = Object.keys(fields).find((name) => !MODEL_FIELDS.includes(name));
  if (stranger !== undefined)
    return failure(
      INVALID,
      unknownField(stranger, MODEL_FIELDS, `${path} has no field "${stranger}"`),
      `${path}.${stranger}`,
    );
  const texts = { version: '', fittedFrom: '', fittedTo: '' };
  for (const name of ['version', 'fittedFrom', 'fittedTo'] as const) {
    const text = fields[name] ?? '';
    const wrong =
      typeof text !== 'string' || (name !== 'version' && text !== '' && tryParseInstant(text) === undefined);
    if (wrong)
      return failure(
        INVALID,
        `${path}.${name} must be ${name === 'version' ? 'text' : 'a time'}`,
        `${path}.${name}`,
      );
    texts[name] = text;
  }
  const prudence = readEstimate(fields['prudence'] ?? 0)?.value;
  if (prudence === undefined || prudence < 0)
    return failure(INVALID, `${path}.prudence must be 0 or more`, `${path}.prudence`);
  const instruments: Record<string, InstrumentCosts> = {};
  const byInstrument = objectOf(fields['instruments'] ?? {});
  if (byInstrument === undefined)
    return failure(INVALID, `${path}.instruments must be an object by instrument`, `${path}.instruments`);
  for (const [id, costs] of Object.entries(byInstrument)) {
    const read = readInstrument(costs, `${path}.instruments.${id}`);
    if (!read.ok) return read;
    instruments[id] = read.value;
  }
  const model = withHash({ ...texts, prudence, instruments });
  const claimed = fields['hash'];
  return claimed === undefined || claimed === model.hash
    ? success(model)
    : failure(INVALID, `${path}.hash is not that of its contents, ${model.hash}`, `${path}.hash`);
}

function readInstrument(written: unknown, path: string): Result<InstrumentCosts> {
  const fields = objectOf(written);
  if (fields === undefined) return failure(INVALID, `${path} must be an object`, path);
  const costs: Partial<Record<CostName, Estimate>> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(COST_FIELDS, name))
      return failure(
        INVALID,
        `${path} has no field "${name}"; it has ${Object.keys(COST_FIELDS).join(', ')}`,
        `${path}.${name}`,
      );
    const field = name as CostName; // its own property of the table of costs
    const estimate = readEstimate(value);
    if (estimate === undefined || (estimate.value < 0 && !COST_FIELDS[field]))
      return failure(
        INVALID,
        `${path}.${name} must be a number${COST_FIELDS[field] ? '' : ' of 0 or more'}`,
        `${path}.${name}`,
      );
    costs[field] = estimate;
  }
  const impact = costs.squareRootImpact ?? costs.linearImpact ?? costs.permanentImpact;
  if (impact !== undefined && !((costs.dailyVolume ?? exactly(0)).value > 0))
    return failure(INVALID, `${path} has impact, which needs a dailyVolume`, `${path}.dailyVolume`);
  return success(costs);
}

/** A model with its hash. */
export function withHash(model: Omit<CostModel, 'hash'>): CostModel {
  const text = canonicalJson(model);
  return { ...model, hash: toHex(sha256(utf8(text))) };
}

const intact = new WeakMap<CostModel, boolean>();

/** True when the contents are those that the hash was made of. */
export function isIntact(model: CostModel): boolean {
  const known = intact.get(model);
  if (known !== undefined) return known;
  const { hash, ...contents } = model;
  const same = withHash(contents).hash === hash;
  intact.set(model, same);
  return same;
}

/** The costs of an instrument: its own, else those of `*`, else none. */
export function costsOf(model: CostModel, instrument: string): InstrumentCosts {
  return model.instruments[instrument] ?? model.instruments['*'] ?? {};
}

function objectOf(written: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return undefined;
  // An object that is no array has string keys and unknown values.
  return written as Readonly<Record<string, unknown>>;
}
