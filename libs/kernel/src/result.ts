/** A rule said no: expected, recorded, never thrown. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly path?: string;
}

export type Result<T, F = Failure> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: F };

export function success<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function failure(code: string, message: string, path?: string): Result<never> {
  return { ok: false, failure: path === undefined ? { code, message } : { code, message, path } };
}
