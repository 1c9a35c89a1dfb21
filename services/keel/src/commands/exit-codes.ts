import { inSourceLines } from '@evenkeel/platform';
import { AssertionFault, EvenkeelError, IntegrityFault, InvalidInputError } from '@evenkeel/kernel';
import { foreignError } from './foreign-errors';

/** Stable and documented in docs/cli.md. */
export const EXIT = { ok: 0, failed: 1, invalid: 2, interrupted: 130 } as const;

/** Says what went wrong, once, and which code the process ends with. */
export function explain(error: unknown): { readonly message: string; readonly code: number } {
  if (error instanceof InvalidInputError) return { message: error.message, code: EXIT.invalid };
  if (error instanceof AssertionFault) return unforeseen(error);
  if (error instanceof EvenkeelError) {
    const code = error instanceof IntegrityFault ? EXIT.invalid : EXIT.failed;
    return { message: `${error.code}: ${error.message}`, code };
  }
  const foreign = foreignError(error);
  if (foreign === undefined) return unforeseen(error);
  return { message: `${foreign.code}: ${foreign.message}`, code: EXIT.failed };
}

/** Only where the fault is ours does a trace help somebody: us. */
function unforeseen(error: unknown): { readonly message: string; readonly code: number } {
  const trace = error instanceof Error ? inSourceLines(error.stack ?? error.message) : String(error);
  return {
    message: `KEEL.UNFORESEEN: this is a fault of keel itself; please report it with these lines:\n${trace}`,
    code: EXIT.failed,
  };
}
