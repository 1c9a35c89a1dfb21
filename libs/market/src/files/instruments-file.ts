import { specificationOf } from '@evenkeel/instruments';
import type { ContractTerms, InstrumentSpec } from '@evenkeel/instruments';
import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { z } from 'zod';
import { decimalText, instrumentText, nonNegativeDecimal, positiveDecimal } from './fields';
import { parseWith } from './problems';

const terms = z.strictObject({
  instrument: instrumentText,
  contractSize: positiveDecimal.optional(),
  tickSize: positiveDecimal.optional(),
  tickSteps: z
    .array(z.strictObject({ above: positiveDecimal, tick: positiveDecimal }))
    .optional()
    .describe('Coarser steps of higher prices, from the lowest up.'),
  lotSize: positiveDecimal.optional(),
  minQuantity: positiveDecimal.optional(),
  makerFee: decimalText.optional().describe('Fraction of notional; rebates negative.'),
  takerFee: decimalText.optional(),
  deliveryFee: nonNegativeDecimal
    .optional()
    .describe('Taken at expiry: of an option a fraction of its underlying, of a future of its notional.'),
  deliveryFeeCap: nonNegativeDecimal
    .optional()
    .describe('Of an option: at most this fraction of what it pays.'),
  halfSpreadBps: nonNegativeDecimal.optional(),
});

const instrumentsSchema = z.strictObject({ instruments: z.array(terms) });

export type InstrumentsFile = z.infer<typeof instrumentsSchema>;
type Overrides = ReadonlyMap<string, Partial<ContractTerms>>;

/** Reads a file of contract terms that override or add to the built-in catalogue. Throws `InvalidInputError`. */
export function parseInstrumentsFile(input: unknown, source: string): InstrumentsFile {
  const file = parseWith(instrumentsSchema, input, source);
  const first = new Map<string, number>();
  const problems = file.instruments.flatMap(({ instrument }, index): InputProblem[] => {
    const earlier = first.get(instrument);
    if (earlier === undefined) first.set(instrument, index);
    if (earlier === undefined) return [];
    const message = `${instrument} has its terms at instruments[${earlier}] already`;
    return [{ path: `instruments[${index}].instrument`, message }];
  });
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return file;
}

export function instrumentsJsonSchema(): object {
  return z.toJSONSchema(instrumentsSchema, { io: 'input' });
}

/** The catalogue's overrides of a file, for `specificationOf`. */
export function overridesOf(file: InstrumentsFile | undefined): Overrides {
  const overrides = new Map<string, Partial<ContractTerms>>();
  for (const { instrument, ...written } of file?.instruments ?? []) {
    const given = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
    overrides.set(instrument, { ...overrides.get(instrument), ...given });
  }
  return overrides;
}

/** What must be specified, and where it was named. */
export interface NamedInstrument {
  readonly instrument: string;
  readonly path: string;
}

/** Terms of every instrument once, in order of first mention. Throws `InvalidInputError` naming each one without terms. */
export function specificationsFor(
  named: readonly NamedInstrument[],
  source: string,
  overrides: Overrides = new Map(),
): InstrumentSpec[] {
  const found = new Map<string, InstrumentSpec>();
  const problems: InputProblem[] = [];
  for (const { instrument, path } of named) {
    if (found.has(instrument)) continue;
    const specification = specificationOf(instrument, overrides);
    if (specification.ok) found.set(instrument, specification.value);
    else problems.push({ path, message: specification.failure.message });
  }
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return [...found.values()];
}
