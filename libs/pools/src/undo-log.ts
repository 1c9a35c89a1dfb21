import { EvenkeelError } from '@evenkeel/kernel';

interface Change {
  readonly block: number;
  readonly undo: () => void;
}

/** What was done since a block that can no longer be undone, newest last. */
export class UndoLog {
  private changes: Change[] = [];
  /** Nothing of this block or an earlier one is kept. */
  private forgotten = -1;

  record(block: number, undo: () => void): void {
    this.changes.push({ block, undo });
  }

  /** Undoes every change of a later block, newest first. Throws `POOL.UNDO_DEPTH` where changes of such blocks were forgotten. */
  undoAbove(block: number): void {
    if (block < this.forgotten)
      throw new EvenkeelError({
        code: 'POOL.UNDO_DEPTH',
        message: `block ${block + 1} cannot be undone: all up to ${this.forgotten} was said to be final`,
      });
    for (
      let last = this.changes.at(-1);
      last !== undefined && last.block > block;
      last = this.changes.at(-1)
    ) {
      last.undo();
      this.changes.pop();
    }
  }

  /** Keeps no way back to before the end of this block. */
  forgetUpTo(block: number): void {
    if (block <= this.forgotten) return;
    this.forgotten = block;
    const first = this.changes.findIndex((change) => change.block > block);
    this.changes = first < 0 ? [] : this.changes.slice(first);
  }

  /** How many changes are kept, to go back to with `rollback`. */
  mark(): number {
    return this.changes.length;
  }

  rollback(mark: number): void {
    while (this.changes.length > mark) this.changes.pop()?.undo();
  }
}

/** A map whose changes can be undone. */
export class UndoableMap<K, V> {
  private readonly held = new Map<K, V>();

  constructor(private readonly log: UndoLog) {}

  get(key: K): V | undefined {
    return this.held.get(key);
  }

  keys(): IterableIterator<K> {
    return this.held.keys();
  }

  set(block: number, key: K, value: V | undefined): void {
    const before = this.held.get(key);
    this.put(key, value);
    this.log.record(block, () => this.put(key, before));
  }

  private put(key: K, value: V | undefined): void {
    if (value === undefined) this.held.delete(key);
    else this.held.set(key, value);
  }
}
