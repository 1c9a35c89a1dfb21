import type { FinishedBar } from './bars';
import type { Micros, Row } from './row';

/** Bars of one instrument as files have them: each fits itself, and the one before. */
export class FittingBars {
  private last: { readonly opened: Micros; readonly text: string } | undefined;

  constructor(private readonly length: Micros) {}

  /** Why a bar is left out; refuses one that contradicts itself or the one before. */
  judge(at: Row, bar: FinishedBar, length: Micros): string | undefined {
    if (length !== this.length)
      at.refuse(`is a bar of ${seconds(length)} s, the rows before of ${seconds(this.length)} s`);
    const text = Object.values(bar).join(',');
    const { last } = this;
    if (last !== undefined && bar.opened === last.opened) {
      if (text === last.text) return 'told twice';
      at.refuse('is another bar of the same time as the row before');
    }
    if (last !== undefined && bar.opened - last.opened < length)
      at.refuse(
        `opens ${seconds(bar.opened - last.opened)} s after the bar before, which is ${seconds(length)} s long`,
      );
    this.last = { opened: bar.opened, text };
    const [low, high] = [Number(bar.low), Number(bar.high)];
    if (
      low > Math.min(Number(bar.open), Number(bar.close)) ||
      high < Math.max(Number(bar.open), Number(bar.close))
    )
      at.refuse(
        `open ${bar.open} and close ${bar.close} do not lie between low ${bar.low} and high ${bar.high}`,
      );
    return undefined;
  }
}

const seconds = (micros: Micros): number => micros / 1_000_000;
