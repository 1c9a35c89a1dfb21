import type { Place } from './origins';
import { refusal } from './tape-text';

/** So far no market moves from one tick to the next, and back. */
const JUMP_MAX = 0.3;

const isFar = (price: number, from: number): boolean => Math.abs(price / from - 1) > JUMP_MAX;

/** Ticks of one instrument in the order of time: those that jump away and come back are no prices. */
export class Ticks {
  private last: number | undefined;
  private away: { readonly from: number; readonly price: number; readonly place: Place } | undefined;

  /** Throws `InvalidInputError` naming the tick that jumped, once prices are back. */
  take(price: number, place: Place): void {
    const { last, away } = this;
    this.last = price;
    if (last === undefined || !isFar(price, last)) return;
    if (away !== undefined && !isFar(price, away.from))
      throw refusal(
        away.place.file,
        away.place.line,
        `price ${away.price} is more than 30 % from ${away.from} before it, and ${price} after it is back`,
      );
    this.away = { from: last, price, place: { file: place.file, line: place.line } };
  }
}
