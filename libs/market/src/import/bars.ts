import { Decimal } from '@evenkeel/kernel';
import type { Micros } from './row';

/** A price as the sum of two that are halved when it is written: the middle of a bid and an ask stays exact. */
interface Point {
  readonly value: number;
  readonly bid: string;
  readonly ask: string;
}

export interface FinishedBar {
  readonly opened: Micros;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

interface OpenBar {
  readonly opened: Micros;
  readonly open: Point;
  high: Point;
  low: Point;
  close: Point;
  volume: Decimal;
}

/** Makes bars of one instrument out of prices in the order of time; `take` gets each as it ends. Empty stretches have none. */
export class BarMaker {
  private bar: OpenBar | undefined;

  constructor(
    private readonly step: Micros,
    private readonly take: (bar: FinishedBar) => void,
  ) {}

  /** A trade, or a mark with no volume. */
  price(at: Micros, price: string, volume?: string): void {
    const bar = this.point(at, { value: Number(price), bid: price, ask: price });
    if (volume !== undefined) bar.volume = bar.volume.plus(Decimal.parse(volume));
  }

  quote(at: Micros, bid: string, ask: string): void {
    this.point(at, { value: (Number(bid) + Number(ask)) / 2, bid, ask });
  }

  private point(at: Micros, point: Point): OpenBar {
    const opened = at - (at % this.step);
    if (this.bar === undefined || this.bar.opened !== opened) {
      this.finish();
      this.bar = { opened, open: point, high: point, low: point, close: point, volume: Decimal.ZERO };
      return this.bar;
    }
    const { bar } = this;
    if (point.value > bar.high.value) bar.high = point;
    if (point.value < bar.low.value) bar.low = point;
    bar.close = point;
    return bar;
  }

  finish(): void {
    const { bar } = this;
    if (bar === undefined) return;
    this.bar = undefined;
    this.take({
      opened: bar.opened,
      open: middle(bar.open),
      high: middle(bar.high),
      low: middle(bar.low),
      close: middle(bar.close),
      volume: bar.volume.toString(),
    });
  }
}

const HALF = Decimal.parse('0.5');

function middle({ bid, ask }: Point): string {
  return bid === ask ? bid : Decimal.parse(bid).plus(Decimal.parse(ask)).times(HALF).toString();
}
