/**
 * The three kinds of error (STYLE: Failure, Operational, Bug):
 * a *failure* is a rule saying no and is returned or recorded; an *operational error* comes from outside and is
 * thrown through; a *bug* is an `AssertionFault` and stops the process.
 */
export interface ErrorDetails {
  /** Dotted, stable, documented in docs/errors.md: `EVENTING.CONFLICT`. */
  readonly code: string;
  readonly message: string;
  /** Where in the input the problem sits, e.g. `positions[3].quantity`. */
  readonly path?: string;
  readonly cause?: unknown;
}

export class EvenkeelError extends Error {
  readonly code: string;
  readonly path: string | undefined;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.path = details.path;
  }
}

/** Something a person wrote is wrong; every problem is listed with its path. Exit code 2. */
export class InvalidInputError extends EvenkeelError {
  readonly problems: readonly InputProblem[];

  constructor(source: string, problems: readonly InputProblem[]) {
    const lines = problems.map((problem) => `  ${problem.path}: ${problem.message}`);
    super({ code: 'INPUT.INVALID', message: [`${source} is not valid:`, ...lines].join('\n') });
    this.problems = problems;
  }
}

export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/** A world outside of us did not do its part: network, disk, server. */
export class OperationalError extends EvenkeelError {}

/** The record contradicts itself or what we know of it; the partition halts. */
export class IntegrityFault extends EvenkeelError {}

/** An invariant of our own was broken. */
export class AssertionFault extends EvenkeelError {
  constructor(message: string) {
    super({ code: 'BUG.INVARIANT', message: `Invariant: ${message}` });
  }
}

export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new AssertionFault(invariant);
}

export function assertNever(value: never, what: string): never {
  throw new AssertionFault(`${what} is one of the known kinds, not ${JSON.stringify(value)}`);
}

/** The value, or a bug: for look-ups that an invariant guarantees. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new AssertionFault(`${what} is present`);
  return value;
}
