import type { Buffer } from 'node:buffer';
import { EvenkeelError } from '@evenkeel/kernel';

const GROUP = 4;
const POWERS = [1_000, 100, 10, 1];
const HEAD_BYTES = 8;
const [POSITIVE, NEGATIVE] = [0x0000, 0x4000];
const [PLUS, MINUS, ZERO] = [43, 45, 48];
/** What a `numeric` can hold, and more digits than any amount has. */
const DIGITS_MAX = 1_000;

/**
 * Writes a decimal as the server writes a `numeric` it parsed from this text: groups of four digits without the zeros around
 * them, and as many decimals as the text has. Returns the bytes written. Throws for what is no decimal.
 */
export function writeNumeric(text: string, buffer: Buffer, at: number): number {
  const [digits, exponent] = plainOf(text);
  const sign = digits.charCodeAt(0);
  const from = sign === MINUS || sign === PLUS ? 1 : 0;
  const point = digits.indexOf('.');
  const whole = (point < 0 ? digits.length : point) - from;
  const decimals = point < 0 ? 0 : digits.length - point - 1;
  if (whole + decimals === 0 || digits.length > DIGITS_MAX) throw noDecimal(text);
  // Digits before the point, after the exponent.
  const integral = whole + exponent;
  let weight = Math.ceil(integral / GROUP) - 1;
  let place = (weight + 1) * GROUP - integral;
  let group = 0;
  let groups = 0;
  let significant = 0;
  for (let index = from; index < digits.length || place > 0; index += 1) {
    if (index === point) continue;
    if (index < digits.length) {
      const digit = digits.charCodeAt(index) - ZERO;
      if (digit < 0 || digit > 9) throw noDecimal(text);
      group += digit * (POWERS[place] ?? 0);
    }
    place += 1;
    if (place < GROUP) continue;
    // Zeros before the first digit only lower the weight.
    if (groups === 0 && group === 0) weight -= 1;
    else {
      buffer.writeInt16BE(group, at + HEAD_BYTES + groups * 2);
      groups += 1;
      if (group !== 0) significant = groups;
    }
    group = 0;
    place = 0;
  }
  buffer.writeInt16BE(significant, at);
  buffer.writeInt16BE(significant === 0 ? 0 : weight, at + 2);
  buffer.writeUInt16BE(significant > 0 && sign === MINUS ? NEGATIVE : POSITIVE, at + 4);
  buffer.writeInt16BE(Math.max(0, decimals - exponent), at + 6);
  return HEAD_BYTES + significant * 2;
}

function noDecimal(text: string): EvenkeelError {
  return new EvenkeelError({ code: 'INPUT.INVALID', message: `${JSON.stringify(text)} is no decimal` });
}

const SCIENTIFIC = /^([^eE]*)[eE]([+-]?\d{1,3})$/;

function plainOf(text: string): readonly [digits: string, exponent: number] {
  // Amounts are written plainly; doubles told as text may have an exponent.
  const found = text.includes('e') || text.includes('E') ? SCIENTIFIC.exec(text) : null;
  return found === null ? [text, 0] : [found[1] ?? '', Number(found[2])];
}
