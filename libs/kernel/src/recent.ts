/** Remembers at least the last `atLeast` keys that were set, and never twice as many. */
export class Recent<T> {
  private now = new Map<string, T>();
  private before = new Map<string, T>();

  constructor(private readonly atLeast: number) {}

  get(key: string): T | undefined {
    return this.now.get(key) ?? this.before.get(key);
  }

  set(key: string, value: T): void {
    if (this.now.size >= this.atLeast && !this.now.has(key)) {
      this.before = this.now;
      this.now = new Map();
    }
    this.now.set(key, value);
  }

  delete(key: string): void {
    this.now.delete(key);
    this.before.delete(key);
  }

  get size(): number {
    return this.now.size + this.before.size;
  }
}
