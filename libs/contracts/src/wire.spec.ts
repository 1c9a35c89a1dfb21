import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { ScalarType, create, createRegistry, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { isInherited, required } from '@evenkeel/kernel';
import { file_evenkeel_desk_v1_desk } from './generated/evenkeel/desk/v1/desk_pb';
import { file_evenkeel_execution_v1_chain } from './generated/evenkeel/execution/v1/chain_pb';
import { file_evenkeel_execution_v1_execution } from './generated/evenkeel/execution/v1/execution_pb';
import { file_evenkeel_governance_v1_governance } from './generated/evenkeel/governance/v1/governance_pb';
import { CommitCodec } from './generated/evenkeel/journal/v1/journal_codec';
import { file_evenkeel_journal_v1_journal } from './generated/evenkeel/journal/v1/journal_pb';
import { MarketClockCodec } from './generated/evenkeel/price/v1/price_codec';
import { file_evenkeel_price_v1_price } from './generated/evenkeel/price/v1/price_pb';
import { file_evenkeel_risk_v1_risk } from './generated/evenkeel/risk/v1/risk_pb';
import { file_evenkeel_strategy_v1_strategy } from './generated/evenkeel/strategy/v1/strategy_pb';
import { PAYLOAD_CODECS } from './payloads';
import type { MessageCodec } from './wire';
import { Embedded, decodePlain, encodePlain } from './wire';

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

const registry = createRegistry(
  file_evenkeel_desk_v1_desk,
  file_evenkeel_execution_v1_chain,
  file_evenkeel_execution_v1_execution,
  file_evenkeel_governance_v1_governance,
  file_evenkeel_journal_v1_journal,
  file_evenkeel_price_v1_price,
  file_evenkeel_risk_v1_risk,
  file_evenkeel_strategy_v1_strategy,
);

const descOf = ({ typeName }: MessageCodec): DescMessage =>
  required(registry.getMessage(typeName), `the schema of ${typeName}`);

const codecs: [string, MessageCodec][] = [
  ...Object.entries(PAYLOAD_CODECS),
  ['Commit', CommitCodec],
  ['MarketClock', MarketClockCodec],
];

describe.each(codecs)('%s on the wire', (_, codec) => {
  const desc = descOf(codec);

  it('has the bytes protobuf-es gives it, and reads back to the same plain object', () => {
    fc.assert(
      fc.property(messageArbitrary(desc), (plain) => {
        const bytes = encodePlain(codec, plain);
        // The arbitrary is built from this very descriptor, which the type system cannot see.
        const message = create(desc, plain as MessageInitShape<typeof desc>);
        expect(Buffer.from(bytes).equals(Buffer.from(toBinary(desc, message)))).toBe(true);
        expect(normalised(decodePlain(codec, bytes))).toEqual(normalised(plain));
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

const event = { id: 'e', type: 'T', version: 1 };
const commitWith = (payload: unknown): object => ({ events: [{ ...event, payload }] });

describe('the wire', () => {
  it('writes an embedded message as the bytes it has by itself, and an empty one as none', () => {
    for (const marks of [[], [{ instrument: 'x'.repeat(200) }], [{ instrument: 'é' }]]) {
      const whole = encodePlain(CommitCodec, commitWith(encodePlain(MarketClockCodec, { marks })));
      expect(encodePlain(CommitCodec, commitWith(new Embedded(MarketClockCodec, { marks })))).toEqual(whole);
    }
  });

  it('writes messages longer than anything before, and long texts of any script', () => {
    const desc = descOf(CommitCodec);
    for (const text of ['a'.repeat(300_000), 'é'.repeat(100_000), '😀𝄞'.repeat(40), '\ufeffab', 'x\ud800y']) {
      const plain = { book: text, events: [{ ...event, id: text, payload: new Uint8Array(70_000) }] };
      const message = create(desc, plain as MessageInitShape<typeof desc>); // by the descriptor's own names
      const bytes = encodePlain(CommitCodec, plain);
      expect(Buffer.from(bytes).equals(Buffer.from(toBinary(desc, message)))).toBe(true);
      expect(decodePlain(CommitCodec, bytes).book).toBe(Buffer.from(text).toString());
    }
  });

  it('gives every message bytes that nothing written later touches', () => {
    const given = Array.from({ length: 400 }, (_, round) => {
      const bytes = encodePlain(CommitCodec, { book: String(round).repeat(1 + ((round * 7919) % 20_000)) });
      return { bytes, then: Uint8Array.from(bytes) };
    });
    for (const { bytes, then } of given) expect(Buffer.compare(bytes, then)).toBe(0);
  });

  it('goes on after a message that could not be written', () => {
    const plain = { book: 'b', actor: { kind: 'algo', id: 'a' } };
    const before = encodePlain(CommitCodec, plain);
    for (const wrong of [{ book: 1 }, { actor: { id: 2n } }, { schemaVersion: -1 }, { schemaVersion: 1.5 }])
      expect(() => encodePlain(CommitCodec, { ...plain, ...wrong })).toThrow('declared type');
    expect(() => encodePlain(CommitCodec, { ...plain, fencingToken: 2n ** 64n })).toThrow('declared type');
    expect(encodePlain(CommitCodec, plain)).toEqual(before);
  });

  it.each([
    ['a text that goes on beyond the end', [0x32, 5, 97]],
    ['a message that goes on beyond the end', [0x2a, 5, 0x0a, 1, 97]],
    ['a field that goes on beyond its message', [0x2a, 2, 0x0a, 1, 97]],
    ['a field of another wire type', [0x30, 1]],
    ['a short text that is not UTF-8', [0x32, 2, 97, 0xff]],
    ['a long text that is not UTF-8', [0x32, 20, ...new Array<number>(19).fill(97), 0xc3]],
    ['a tag without an end', [0xff]],
    ['a tag of more than 32 bits', [0x88, 0x80, 0x80, 0x80, 0x10, 1]],
    ['a varint of eleven bytes', [0x08, ...new Array<number>(10).fill(0x80), 1]],
    ['a group', [0xa3, 0x01, 0xa4, 0x01]],
    ['field nought', [0x02, 0]],
    ['an unknown field that goes on beyond the end', [0xaa, 0x02, 9, 1]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodePlain(CommitCodec, Uint8Array.from(bytes))).toThrow();
  });

  it('passes over fields that the schema does not have', () => {
    const unknown = [0xa8, 0x02, 0x80, 0x01, 0xaa, 0x02, 1, 9, 0xa9, 0x02, ...new Array<number>(8).fill(1)];
    expect(decodePlain(CommitCodec, Uint8Array.from([...unknown, 0x32, 1, 97])).book).toBe('a');
  });
});
