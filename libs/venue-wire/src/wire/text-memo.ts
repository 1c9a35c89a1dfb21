import type { Slot } from './json-scan';
import type { WireScan } from './scanned-fields';
import { codesOf } from './wire-key';
import type { WireKey } from './wire-key';

interface Known<T> {
  /** The UTF-16 codes of the name. */
  readonly codes: Uint16Array;
  readonly made: T;
}

const PLACES = 64;

/**
 * What is made of names that messages repeat (symbols, channels), made once. A name that was met lately is compared where it stands
 * in the message: no text is made for it: 0.92 × of a stream that
 * tells of books, quotes and trades in turn. Forgets everything once `max` names are known, since a venue may
 * say any.
 */
export class TextMemo<T> {
  private readonly recent: (Known<T> | undefined)[] = Array.from({ length: PLACES }, () => undefined);
  private readonly known = new Map<string, Known<T>>();
  private last: Known<T> | undefined = undefined;

  constructor(
    private readonly make: (text: string) => T,
    private readonly max = 4096,
  ) {}

  /** Of the text of a field. */
  of(scan: WireScan, object: Slot, key: WireKey): T {
    return this.at(scan, scan.field(object, key), key.name);
  }

  /** The same; undefined where the field is absent, `null` or empty. */
  optional(scan: WireScan, object: Slot, key: WireKey): T | undefined {
    const slot = scan.field(object, key);
    return scan.isSaid(slot) ? this.at(scan, slot, key.name) : undefined;
  }

  at(scan: WireScan, slot: Slot, path: string): T {
    const { last } = this;
    if (last !== undefined && scan.isWritten(slot, last.codes)) return last.made;
    const place = scan.hashOf(slot) % PLACES;
    const met = this.recent[place];
    if (met !== undefined && scan.isWritten(slot, met.codes)) {
      this.last = met;
      return met.made;
    }
    const text = scan.textAt(slot, path);
    let found = this.known.get(text);
    if (found === undefined) {
      if (this.known.size >= this.max) this.known.clear();
      found = { codes: codesOf(text), made: this.make(text) };
      this.known.set(text, found);
    }
    this.recent[place] = found;
    this.last = found;
    return found.made;
  }
}

/** An instrument under the venue's name and ours. */
export interface Named {
  readonly symbol: string;
  readonly instrument: string;
}

export function namedBy(instrumentOf: (symbol: string) => string): TextMemo<Named> {
  return new TextMemo((symbol) => ({ symbol, instrument: instrumentOf(symbol) }));
}
