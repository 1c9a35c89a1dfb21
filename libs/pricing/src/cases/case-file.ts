import { EvenkeelError, nearestName, unknownField } from '@evenkeel/kernel';
import { PricingError, invalidInput } from '../errors';
import { watchInputs, writtenNames } from './watched-inputs';

/** What a person or a script hands in: nothing is known about it yet. */
export type CaseInputs = Readonly<Record<string, unknown>>;

/** One case, as far as it could be read. */
export interface PricingCase {
  readonly id: string;
  readonly model: string | undefined;
  /** `method` is among them, wherever the file names it. */
  readonly inputs: CaseInputs;
}

/** A file of cases: `model` and `method` hold for every case that does not name its own. */
export interface CaseFile {
  readonly model: string | undefined;
  readonly method: string | undefined;
  /** Title of the table the file was taken from, where it has one. */
  readonly table: string | undefined;
  readonly cases: readonly unknown[];
  readonly fields: CaseInputs;
}

/** One result: the quantities by name, or what went wrong. */
export type CaseResult = { readonly id: string; readonly error?: CaseError } & Readonly<
  Record<string, unknown>
>;

export interface CaseError {
  /** Dotted, documented in docs/errors.md. */
  readonly code: string;
  readonly message: string;
  /** The input at fault, where it is one. */
  readonly input?: string;
}

/** What a run writes: the kernel that priced, and one result per case in the file's order. */
export interface CaseResults {
  readonly kernelHash: string;
  readonly results: readonly CaseResult[];
}

/** Throws `PRICING.CASE_FILE` unless this is `{ "cases": [...] }`; what a case holds is looked at case by case. */
export function parseCaseFile(file: unknown): CaseFile {
  if (!isRecord(file)) throw caseFileError('file', 'is an object with "model" and "cases"');
  const cases = file['cases'];
  if (!Array.isArray(cases)) throw caseFileError('cases', 'is a list');
  refuseMisspelt(file, FILE_FIELDS, caseFileError);
  if (typeof file['n_cases'] === 'number' && file['n_cases'] !== cases.length)
    throw caseFileError('n_cases', `is ${file['n_cases']}, and there are ${cases.length}`);
  return {
    model: optionalText(file, 'model'),
    method: optionalText(file, 'method'),
    table: optionalText(file, 'table'),
    cases,
    fields: file,
  };
}

const FILE_FIELDS = ['model', 'method', 'table', 'cases', 'n_cases'];
const CASE_FIELDS = ['id', 'model', 'method', 'inputs'];

/** Files and cases carry remarks of any name; one that is nearly the name of a field was meant as that. */
function refuseMisspelt(
  fields: CaseInputs,
  known: readonly string[],
  refusal: (path: string, message: string) => PricingError,
): void {
  for (const name of Object.keys(fields))
    if (nearestName(name, known) !== undefined && !known.includes(name))
      throw refusal(name, unknownField(name, known));
}

/** An input that stands beside `inputs`, or beside the cases, would not be read. */
function refuseMisplaced(fields: CaseInputs, inputs: ReadonlySet<string>): void {
  const lost = Object.keys(fields).find((name) => inputs.has(name) && name !== 'method');
  if (lost !== undefined) throw caseFileError(lost, 'is an input: write it into "inputs" of the case');
}

/** Throws `PRICING.CASE_FILE` where a case is no object or has no inputs. */
export function parseCase(value: unknown, file: CaseFile): PricingCase {
  if (!isRecord(value)) throw caseFileError('case', 'is an object with "id" and "inputs"');
  const inputs = value['inputs'];
  if (!isRecord(inputs)) throw caseFileError('inputs', 'is an object');
  refuseMisspelt(value, CASE_FIELDS, caseFileError);
  const method = optionalText(value, 'method');
  return {
    id: '',
    model: optionalText(value, 'model') ?? file.model,
    inputs: method === undefined ? inputs : { method, ...inputs },
  };
}

/** The case's own id, or its place in the file, counted from one. */
export function caseId(value: unknown, index: number): string {
  const id = isRecord(value) ? value['id'] : undefined;
  return typeof id === 'string' ? id : typeof id === 'number' ? String(id) : `#${index + 1}`;
}

/**
 * Runs every case by itself: one that fails leaves its error and the rest go on. A quantity that is not a finite number is an
 * error too, since JSON has no word for it, and so is an input that the model did not read. Throws `PRICING.CASE_FILE` for an
 * input or a method of the whole file that no case reads.
 */
export function runCases(
  file: CaseFile,
  kernelHash: string,
  run: (pricingCase: PricingCase) => Readonly<Record<string, unknown>>,
): CaseResults {
  const asked = new Set<string>();
  const ids = new Map<string, number>();
  const results = file.cases.map((value, index): CaseResult => {
    const id = caseId(value, index);
    try {
      const earlier = ids.get(id);
      if (earlier !== undefined) throw caseFileError('id', `is that of case ${earlier + 1} too`);
      ids.set(id, index);
      const quantities = runCase({ ...parseCase(value, file), id }, file, run, (names) => {
        names.forEach((name) => asked.add(name));
        if (isRecord(value)) refuseMisplaced(value, new Set(names));
      });
      assertFinite(quantities);
      return { id, ...quantities };
    } catch (error) {
      // Models of other libraries refuse with codes of their own.
      if (!(error instanceof EvenkeelError)) throw error;
      return { id, error: describe(error) };
    }
  });
  refuseMisplaced(file.fields, asked);
  if (file.method !== undefined && file.cases.length > 0 && !asked.has('method'))
    throw caseFileError('method', `is ${JSON.stringify(file.method)}, and no case has a choice of methods`);
  return { kernelHash, results };
}

/** `readNames` hears the inputs that the model asked for. */
function runCase(
  pricingCase: PricingCase,
  file: CaseFile,
  run: (pricingCase: PricingCase) => Readonly<Record<string, unknown>>,
  readNames: (names: readonly string[]) => void,
): Readonly<Record<string, unknown>> {
  const watch = watchInputs(pricingCase.inputs, file.method === undefined ? {} : { method: file.method });
  try {
    refuseUnits(pricingCase.inputs);
    const quantities = run({ ...pricingCase, inputs: watch.inputs });
    watch.refuseUnread(pricingCase.model ?? 'this case');
    return quantities;
  } catch (error) {
    throw error instanceof PricingError ? watch.asWritten(error) : error;
  } finally {
    readNames(watch.asked());
  }
}

/** Above this, 1,000 %, a volatility is no fraction: published tables go so far. */
const VOLATILITY_MAX = 10;

/** Numbers that a formula takes and nobody means. */
function refuseUnits(inputs: CaseInputs): void {
  for (const name of writtenNames(inputs, 'T')) {
    const years = inputs[name];
    if (typeof years === 'number' && years < 0)
      throw invalidInput(name, `must not be negative, not ${years}`);
  }
  for (const name of writtenNames(inputs, 'sigma')) {
    const volatility = inputs[name];
    if (typeof volatility === 'number' && volatility > VOLATILITY_MAX)
      throw invalidInput(name, `${volatility} looks like per cent: 55 % is 0.55`);
  }
}

export function caseFileError(path: string, message: string): PricingError {
  return new PricingError({ code: 'PRICING.CASE_FILE', message: `${path} ${message}`, path });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(error: EvenkeelError): CaseError {
  return {
    code: error.code,
    message: error.message,
    ...(error.path === undefined ? {} : { input: error.path }),
  };
}

function assertFinite(quantities: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(quantities)) {
    if (typeof value !== 'number' || Number.isFinite(value)) continue;
    throw new PricingError({
      code: 'PRICING.NOT_FINITE',
      message: `${name} is ${value} for these inputs`,
      path: name,
    });
  }
}

function optionalText(fields: CaseInputs, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw caseFileError(name, `is text, not ${JSON.stringify(value)}`);
  return value;
}
