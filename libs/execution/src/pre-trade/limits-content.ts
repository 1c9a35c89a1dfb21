import type { OrderLimits } from '@evenkeel/facts';
import { Decimal, canonicalJson, parseDuration } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string' && value !== '';
const decimal = (value: unknown): Decimal | undefined =>
  typeof value === 'string' ? Decimal.tryParse(value) : undefined;
const positive: Check = (value) => decimal(value)?.isPositive() === true;
const nonNegative: Check = (value) => decimal(value)?.isNegative() === false;
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1;
const duration: Check = (value) => {
  try {
    return typeof value === 'string' && parseDuration(value) >= 0n;
  } catch {
    return false;
  }
};
const flag: Check = (value) => typeof value === 'boolean';
const oneOf =
  (...names: string[]): Check =>
  (value) =>
    names.some((name) => name === value);
const record =
  (required: Fields, optional: Fields = {}): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(required).every((name) => name in value) &&
    Object.entries(value).every(([name, held]) => (required[name] ?? optional[name])?.(held) === true);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const byInstrument = list(record({ instrument: text, maxQuantity: positive }));
const isOrderLimits = record(
  {
    maxOrderQuantity: byInstrument,
    maxGrossNotionalUsd: positive,
    priceCollarBps: positive,
    maxOrdersPerMinute: count,
  },
  {
    maxOrderNotionalUsd: positive,
    maxPosition: byInstrument,
    maxGreeks: list(record({ underlying: text, greek: oneOf('delta', 'gamma', 'vega'), max: positive })),
    maxDailyLoss: positive,
    maxVenueNotionalUsd: list(record({ venue: text, maxUsd: positive })),
    maxRepeatedExecutions: count,
    throttleWindow: duration,
    duplicateWindow: duration,
    restrictedInstruments: list(text),
    reconciliation: record(
      {
        atStart: flag,
        interval: (value) => value === '' || duration(value),
        positionTolerance: nonNegative,
        balanceTolerance: nonNegative,
      },
      { adoptTrades: flag },
    ),
  },
);

/**
 * Reads the content of a proposal of limits: canonical JSON of whole `OrderLimits`, every field known. `undefined` for anything
 * else, so that what two people signed is exactly what comes into force.
 */
export function limitsContentOf(content: string): OrderLimits | undefined {
  try {
    const value: unknown = JSON.parse(content);
    const read = isOrderLimits(value) && canonicalJson(value as Json) === content; // JSON.parse yields JSON
    return read ? (value as OrderLimits) : undefined; // every field was just looked at
  } catch {
    return undefined;
  }
}
