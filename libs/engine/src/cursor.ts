/** Reads an ordered stream one ahead: what comes next can be looked at before it is taken. */
export class Cursor<T> {
  private readonly from: AsyncIterator<T>;
  private head: { readonly value: T | undefined } | undefined;

  constructor(source: AsyncIterable<T>) {
    this.from = source[Symbol.asyncIterator]();
  }

  /** What comes next; undefined at the end. */
  async peek(): Promise<T | undefined> {
    if (this.head === undefined) {
      const { done, value } = await this.from.next();
      this.head = { value: done === true ? undefined : value };
    }
    return this.head.value;
  }

  /** Leaves what `peek` showed behind. */
  skip(): void {
    this.head = undefined;
  }

  /** Lets go of the stream, wherever it stands. */
  async close(): Promise<void> {
    await this.from.return?.();
  }
}
