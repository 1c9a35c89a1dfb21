import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { ScalarType, create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { isInherited } from '@evenkeel/kernel';
import { PAYLOAD_SCHEMAS } from './payloads';
import { CommitSchema } from './generated/evenkeel/journal/v1/journal_pb';
import { MarketClockSchema, MarketPartSchema } from './generated/evenkeel/price/v1/price_pb';
import { decodePlain, encodePlain } from './wire';

function scalarArbitrary(scalar: ScalarType): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      // State is keyed by text; what every object answers to is refused, which another test holds.
      return fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !isInherited(text));
    case ScalarType.DOUBLE:
      return fc.double({ noNaN: true });
    case ScalarType.UINT32:
      return fc.nat();
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 40 });
    case ScalarType.UINT64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    default:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  }
}

function messageArbitrary(desc: DescMessage): fc.Arbitrary<object> {
  const required: Record<string, fc.Arbitrary<unknown>> = {};
  const optional: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of desc.fields) {
    const one =
      field.message !== undefined
        ? messageArbitrary(field.message)
        : scalarArbitrary(field.scalar ?? ScalarType.STRING);
    if (field.fieldKind === 'list') required[field.localName] = fc.array(one, { maxLength: 3 });
    else if (field.proto.proto3Optional) optional[field.localName] = one;
    else required[field.localName] = one;
  }
  return fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }))
    .map(([always, sometimes]) => ({ ...always, ...sometimes }));
}

const schemas: [string, DescMessage][] = [
  ...Object.entries(PAYLOAD_SCHEMAS),
  ['Commit', CommitSchema],
  ['MarketPart', MarketPartSchema],
  ['MarketClock', MarketClockSchema],
];

describe.each(schemas)('%s on the wire', (_, desc) => {
  it('has the bytes protobuf-es gives it, and reads back to the same plain object', () => {
    fc.assert(
      fc.property(messageArbitrary(desc), (plain) => {
        const bytes = encodePlain(desc, plain);
        // The arbitrary is built from this very descriptor, which the type system cannot see.
        const message = create(desc, plain as MessageInitShape<typeof desc>);
        expect(Buffer.from(bytes).equals(Buffer.from(toBinary(desc, message)))).toBe(true);
        expect(normalised(decodePlain(desc, bytes))).toEqual(normalised(plain));
      }),
      { numRuns: 40 },
    );
  });
});

/** Buffers and arrays of bytes alike. */
function normalised(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(normalised);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, normalised(entry)]));
  }
  return value;
}
