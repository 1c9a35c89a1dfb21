import { EvenkeelError } from '@evenkeel/kernel';
import { PricingError } from '../errors';

/** What a person or a script hands in: nothing is known about it yet. */
export type CaseInputs = Readonly<Record<string, unknown>>;

/** One case, as far as it could be read. */
export interface PricingCase {
  readonly id: string;
  readonly model: string | undefined;
  readonly method: string | undefined;
  readonly inputs: CaseInputs;
}

/** A file of cases: `model` and `method` hold for every case that does not name its own. */
export interface CaseFile {
  readonly model: string | undefined;
  readonly method: string | undefined;
  /** Title of the table the file was taken from, where it has one. */
  readonly table: string | undefined;
  readonly cases: readonly unknown[];
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
  return {
    model: optionalText(file['model']),
    method: optionalText(file['method']),
    table: optionalText(file['table']),
    cases,
  };
}

/** Throws `PRICING.CASE_FILE` where a case is no object or has no inputs. */
export function parseCase(value: unknown, file: CaseFile): PricingCase {
  if (!isRecord(value)) throw caseFileError('case', 'is an object with "id" and "inputs"');
  const inputs = value['inputs'];
  if (!isRecord(inputs)) throw caseFileError('inputs', 'is an object');
  return {
    id: '',
    model: optionalText(value['model']) ?? file.model,
    method: optionalText(inputs['method']) ?? optionalText(value['method']) ?? file.method,
    inputs,
  };
}

/** The case's own id, or its place in the file, counted from one. */
export function caseId(value: unknown, index: number): string {
  const id = isRecord(value) ? value['id'] : undefined;
  return typeof id === 'string' ? id : typeof id === 'number' ? String(id) : `#${index + 1}`;
}

/**
 * Runs every case by itself: one that fails leaves its error and the rest go on. A quantity that is not a finite number is an
 * error too, since JSON has no word for it.
 */
export function runCases(
  file: CaseFile,
  kernelHash: string,
  run: (pricingCase: PricingCase) => Readonly<Record<string, unknown>>,
): CaseResults {
  const results = file.cases.map((value, index): CaseResult => {
    const id = caseId(value, index);
    try {
      const quantities = run({ ...parseCase(value, file), id });
      assertFinite(quantities);
      return { id, ...quantities };
    } catch (error) {
      // Models of other libraries refuse with codes of their own.
      if (!(error instanceof EvenkeelError)) throw error;
      return { id, error: describe(error) };
    }
  });
  return { kernelHash, results };
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

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
