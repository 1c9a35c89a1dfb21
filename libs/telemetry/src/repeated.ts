/** So often something is said at once; then once per interval, with how often it was left out. */
const AT_ONCE = 20;
const INTERVAL_MS = 10_000;
const KEPT_MAX = 1_000;

interface Said {
  left: number;
  sinceMs: number;
  leftOut: number;
}

/**
 * What goes on for days must not fill a disk: the same words are said twenty times, and then once in ten seconds.
 * Milliseconds of a clock that only goes forward.
 */
export class Repeated {
  private readonly said = new Map<string, Said>();

  /** How often these words were left out since they were last said; `undefined` where they are left out now. */
  admit(words: string, nowMs: number): number | undefined {
    const known = this.said.get(words);
    if (known === undefined) {
      // More kinds of words than a program has: something puts its data into them, and nothing is kept for ever.
      if (this.said.size >= KEPT_MAX) this.said.clear();
      this.said.set(words, { left: AT_ONCE - 1, sinceMs: nowMs, leftOut: 0 });
      return 0;
    }
    const back = Math.floor((nowMs - known.sinceMs) / INTERVAL_MS);
    if (back > 0) {
      known.left = Math.min(AT_ONCE, known.left + back);
      known.sinceMs += back * INTERVAL_MS;
    }
    if (known.left === 0) {
      known.leftOut += 1;
      return undefined;
    }
    known.left -= 1;
    const { leftOut } = known;
    known.leftOut = 0;
    return leftOut;
  }
}
