/** Ctrl-C and SIGTERM as a promise, so that everything started can be ended in order. */
export function interruption(): { readonly signalled: Promise<'interrupted'>; forget(): void } {
  let onSignal = (): void => undefined;
  const signalled = new Promise<'interrupted'>(
    (resolvePromise) => (onSignal = () => resolvePromise('interrupted')),
  );
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return {
    signalled,
    forget: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
