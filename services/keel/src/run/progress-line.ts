import type { Progress } from '@evenkeel/adapter-nats';

type EventTimeReport = Pick<Progress, 'fraction' | 'eventTime' | 'waiting' | 'halted'>;

const TELL_EVERY_MS = 3_000;

/** Progress on stderr for a person who watches, or who reads the log of it later; silent where a program reads. */
export class ProgressLine {
  private shown = false;
  private said = new Set<string>();
  private toldAt = performance.now();

  constructor(private readonly quiet: boolean) {}

  /** A line that stays. */
  say(line: string): void {
    if (this.quiet) return;
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  /** A line that a person must see even where a program reads the rest. */
  warn(line: string): void {
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  /** The line that moves on a terminal; elsewhere a line of its own every few seconds. */
  show(fraction: number, text: string): void {
    if (this.quiet) return;
    if (!process.stderr.isTTY) {
      const now = performance.now();
      if (now - this.toldAt < TELL_EVERY_MS) return;
      this.toldAt = now;
      process.stderr.write(`${(fraction * 100).toFixed(1).padStart(5)} %  ${text}\n`);
      return;
    }
    const width = 24;
    const filled = Math.round(Math.max(0, Math.min(1, fraction)) * width);
    process.stderr.write(
      `\r\u001b[K${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${(fraction * 100).toFixed(1).padStart(5)} %  ${text}`,
    );
    this.shown = true;
  }

  /** What event time says of itself; who is waited for and who has halted, once each. */
  report({ fraction = 0, eventTime = '', waiting = [], halted = {} }: EventTimeReport): void {
    const stopped = Object.entries(halted).map(
      ([partition, why]) => `partition ${partition} has stopped: ${why}`,
    );
    for (const line of [...waiting.map((one) => `event time waits for ${one}`), ...stopped]) {
      if (this.said.has(line)) continue;
      this.said.add(line);
      this.say(line);
    }
    this.show(fraction, `event time ${eventTime}`);
  }

  clear(): void {
    if (!this.shown) return;
    process.stderr.write('\r\u001b[K');
    this.shown = false;
  }
}
