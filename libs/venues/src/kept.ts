/** Removed places are given back once there are so many of them. */
const REMOVED_MAX = 1_024;

/**
 * Things in the order they came, taken out mostly at the front. A `Map` would do, but for its holes: what is removed at the front of
 * one is passed over by every look at the first that is left.
 */
export class Queue<T extends { readonly id: string }> {
  private items: T[] = [];
  private head = 0;
  private readonly ids = new Set<string>();

  get size(): number {
    return this.ids.size;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(item: T): void {
    this.ids.add(item.id);
    this.items.push(item);
  }

  first(): T | undefined {
    for (;;) {
      const item = this.items[this.head];
      if (item === undefined || this.ids.has(item.id)) return item;
      this.head += 1;
      if (this.head < REMOVED_MAX || this.head * 2 < this.items.length) continue;
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }

  /** False where it is not there. */
  remove(id: string): boolean {
    return this.ids.delete(id);
  }
}
