const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C, SIGTERM and the end of the terminal as a promise, so that everything started can be ended in order. */
export function interruption(): { readonly signalled: Promise<'interrupted'>; forget(): void } {
  let onSignal = (): void => undefined;
  const signalled = new Promise<'interrupted'>(
    (resolvePromise) => (onSignal = () => resolvePromise('interrupted')),
  );
  for (const signal of SIGNALS) process.once(signal, onSignal);
  return {
    signalled,
    forget: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
