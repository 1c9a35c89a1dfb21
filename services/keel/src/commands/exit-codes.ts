import { EvenkeelError, IntegrityFault, InvalidInputError } from '@evenkeel/kernel';

/** Stable and documented in docs/cli.md. */
export const EXIT = { ok: 0, failed: 1, invalid: 2, interrupted: 130 } as const;

/** Says what went wrong, once, and which code the process ends with. */
export function explain(error: unknown): { readonly message: string; readonly code: number } {
  if (error instanceof InvalidInputError) return { message: error.message, code: EXIT.invalid };
  if (error instanceof IntegrityFault)
    return { message: `${error.code}: ${error.message}`, code: EXIT.invalid };
  if (error instanceof EvenkeelError)
    return { message: `${error.code}: ${error.message}`, code: EXIT.failed };
  return {
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    code: EXIT.failed,
  };
}
