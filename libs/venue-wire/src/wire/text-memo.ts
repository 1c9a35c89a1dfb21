import { textAt } from './scanned-fields';
import type { JsonScan, Slot } from './json-scan';

/**
 * What is made of names that messages repeat (symbols, channels), made once. The name of the message before is compared where it
 * stands; no text is made for it. Forgets everything once `max` names are known, since a venue may say any.
 */
export class TextMemo<T> {
  private last: Known<T> | undefined;
  private readonly known = new Map<string, Known<T>>();

  constructor(
    private readonly make: (text: string) => T,
    private readonly max = 4096,
  ) {}

  at(scan: JsonScan, slot: Slot, path: string): T {
    if (this.last !== undefined && scan.isWritten(slot, this.last.codes)) return this.last.made;
    const text = textAt(scan, slot, path);
    let found = this.known.get(text);
    if (found === undefined) {
      if (this.known.size >= this.max) this.known.clear();
      found = {
        codes: Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)),
        made: this.make(text),
      };
      this.known.set(text, found);
    }
    this.last = found;
    return found.made;
  }
}

interface Known<T> {
  /** The UTF-16 codes of the name. */
  readonly codes: Uint16Array;
  readonly made: T;
}

/** An instrument under the venue's name and ours. */
export interface Named {
  readonly symbol: string;
  readonly instrument: string;
}

export function namedBy(instrumentOf: (symbol: string) => string): TextMemo<Named> {
  return new TextMemo((symbol) => ({ symbol, instrument: instrumentOf(symbol) }));
}
