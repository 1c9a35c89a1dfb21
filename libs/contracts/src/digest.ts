import type { DomainEvent } from '@evenkeel/facts';
import { createSha256, required, toHex, utf8 } from '@evenkeel/kernel';
import type { Sha256Stream } from '@evenkeel/kernel';
import { encodePayload } from './payloads';

/**
 * The decision digest: SHA-256 over each book's decision payloads in order, books sorted by id. A payload enters as its
 * type, its length and its Protobuf bytes, so nothing of transport or host is in it.
 */
export class DecisionDigest {
  private readonly books = new Map<string, Sha256Stream>();
  private readonly counts = new Map<string, number>();

  /** Takes note of an event; everything but decisions is passed over. */
  add(book: string, event: DomainEvent): void {
    if (event.type !== 'HedgeDecided' && event.type !== 'HedgeDeclined') return;
    const stream = this.books.get(book) ?? createSha256();
    this.books.set(book, stream);
    const payload = encodePayload(event);
    stream.update(utf8(`${event.type}:${payload.length}\n`)).update(payload);
    this.counts.set(book, (this.counts.get(book) ?? 0) + 1);
  }

  /** Hex. Ends the digest: add nothing afterwards. */
  finish(): string {
    const all = createSha256();
    for (const book of [...this.books.keys()].sort()) {
      const stream = required(this.books.get(book), 'the stream of a listed book');
      all.update(utf8(`${book}:${this.counts.get(book) ?? 0}\n`)).update(stream.digest());
    }
    return toHex(all.digest());
  }
}
