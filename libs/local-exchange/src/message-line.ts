interface Waiting {
  readonly at: number;
  readonly send: () => void;
}

/** A message may take its time, but it never overtakes the one before: a line is a queue, not a timer for each. */
export class MessageLine {
  private readonly waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly nowMs: () => number,
    /** How long each message is on its way, in the order sent; without it none waits. */
    private readonly latencyMs?: () => number,
  ) {}

  deliver(send: () => void): void {
    if (this.latencyMs === undefined) return send();
    const last = this.waiting[this.waiting.length - 1];
    this.waiting.push({ at: Math.max(this.nowMs() + this.latencyMs(), last?.at ?? 0), send });
    if (this.timer === undefined) this.run();
  }

  /** What waits is not said any more. */
  end(): void {
    clearTimeout(this.timer);
    this.waiting.length = 0;
  }

  private run(): void {
    const [first] = this.waiting;
    this.timer = undefined;
    if (first === undefined) return;
    this.timer = setTimeout(
      () => {
        this.waiting.shift();
        first.send();
        this.run();
      },
      Math.max(0, first.at - this.nowMs()),
    );
  }
}
