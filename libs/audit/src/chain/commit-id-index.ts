import { required, sha256, utf8 } from '@evenkeel/kernel';

const WORDS = 4;
const EMPTY = -1;

/**
 * Commit ids by position, 16 bytes each, with an exact look-up the other way: about 32 bytes a commit, so that tens of
 * millions fit where a set of strings would not.
 */
export class CommitIdIndex {
  private words = new Uint32Array(1024 * WORDS);
  private slots = new Int32Array(4096).fill(EMPTY);
  private count = 0;

  /** Adds the id of the next position; the position that had it before, or `undefined`. */
  add(id: string): number | undefined {
    if ((this.count + 1) * WORDS > this.words.length) this.growWords();
    if ((this.count + 1) * 2 > this.slots.length) this.growSlots();
    this.words.set(wordsOf(id), this.count * WORDS);
    const earlier = this.place(this.count);
    this.count += 1;
    return earlier;
  }

  /** Whether the commit at `position` has this id. */
  isAt(position: number, id: string): boolean {
    if (position < 0 || position >= this.count) return false;
    return wordsOf(id).every((word, at) => this.words[position * WORDS + at] === word);
  }

  private place(position: number): number | undefined {
    const mask = this.slots.length - 1;
    let slot = (this.words[position * WORDS] ?? 0) & mask;
    for (;;) {
      const held = required(this.slots[slot], 'a slot of the index');
      if (held === EMPTY) {
        this.slots[slot] = position;
        return undefined;
      }
      if (this.sameId(held, position)) return held;
      slot = (slot + 1) & mask;
    }
  }

  private sameId(a: number, b: number): boolean {
    for (let at = 0; at < WORDS; at += 1) {
      if (this.words[a * WORDS + at] !== this.words[b * WORDS + at]) return false;
    }
    return true;
  }

  private growWords(): void {
    const grown = new Uint32Array(this.words.length * 2);
    grown.set(this.words);
    this.words = grown;
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(EMPTY);
    for (let position = 0; position < this.count; position += 1) this.place(position);
  }
}

const UUID_LENGTH = 36;
const DASHES: readonly number[] = [8, 13, 18, 23];

/** A UUID's 128 bits; anything else by 128 bits of its hash. Reads digits in place: this runs once per commit. */
function wordsOf(id: string): readonly number[] {
  const words = [0, 0, 0, 0];
  let digits = 0;
  for (let at = 0; id.length === UUID_LENGTH && at < UUID_LENGTH; at += 1) {
    const code = id.charCodeAt(at);
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0 && !(code === 45 && DASHES.includes(at))) break;
    if (digit < 0) continue;
    const word = digits >> 3;
    words[word] = (((words[word] ?? 0) << 4) | digit) >>> 0;
    digits += 1;
  }
  return digits === 8 * WORDS ? words : wordsOfHash(sha256(utf8(id)));
}

function wordsOfHash(bytes: Uint8Array): readonly number[] {
  const byte = (at: number): number => bytes[at] ?? 0;
  return [0, 4, 8, 12].map(
    (at) => ((byte(at) << 24) | (byte(at + 1) << 16) | (byte(at + 2) << 8) | byte(at + 3)) >>> 0,
  );
}
