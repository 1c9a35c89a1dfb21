/** Injection token of the running service. */
export const RUNTIME = Symbol('ServiceRuntime');
