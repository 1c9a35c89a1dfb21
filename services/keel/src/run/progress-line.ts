/** Progress on stderr for a person who watches; silent otherwise. */
export class ProgressLine {
  private shown = false;

  constructor(private readonly quiet: boolean) {}

  /** A line that stays. */
  say(line: string): void {
    if (this.quiet) return;
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  /** The line that moves: only on a terminal. */
  show(fraction: number, text: string): void {
    if (this.quiet || !process.stderr.isTTY) return;
    const width = 24;
    const filled = Math.round(Math.max(0, Math.min(1, fraction)) * width);
    process.stderr.write(
      `\r\u001b[K${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${(fraction * 100).toFixed(1).padStart(5)} %  ${text}`,
    );
    this.shown = true;
  }

  clear(): void {
    if (!this.shown) return;
    process.stderr.write('\r\u001b[K');
    this.shown = false;
  }
}
