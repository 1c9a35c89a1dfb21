import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { AssertionFault, EvenkeelError, isInherited, required } from '@evenkeel/kernel';

/** A message as a plain object: camelCase fields, no `$typeName`. */
export type PlainMessage = { [field: string]: unknown };

interface FieldPlan {
  readonly number: number;
  readonly name: string;
  readonly repeated: boolean;
  readonly optional: boolean;
  readonly scalar: ScalarType | undefined;
  readonly message: (() => MessagePlan) | undefined;
  readonly tag: number;
  /** May be what keys a plain object. */
  readonly isName: boolean;
}

interface MessagePlan {
  readonly fields: readonly FieldPlan[];
  readonly byNumber: ReadonlyMap<number, FieldPlan>;
  /** Names of the repeated fields. */
  readonly lists: readonly string[];
  template?: PlainMessage;
}

/** What people and venues say in words; nothing is keyed by it. */
const FREE_TEXT: ReadonlySet<string> = new Set(['reason', 'reasons', 'detail', 'message', 'note']);

const plans = new Map<string, MessagePlan>();

function planOf(desc: DescMessage): MessagePlan {
  const known = plans.get(desc.typeName);
  if (known !== undefined) return known;
  const fields = [...desc.fields].sort((a, b) => a.number - b.number).map(planOfField);
  const plan: MessagePlan = {
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    lists: fields.filter((field) => field.repeated).map((field) => field.name),
  };
  plans.set(desc.typeName, plan);
  return plan;
}

function planOfField(field: DescField): FieldPlan {
  const repeated = field.fieldKind === 'list';
  const message = field.message;
  const scalar = message === undefined ? scalarOf(field) : undefined;
  return {
    number: field.number,
    name: field.localName,
    repeated,
    optional: field.proto.proto3Optional,
    scalar,
    message: message === undefined ? undefined : () => planOf(message),
    tag: scalar === undefined ? WireType.LengthDelimited : wireTypeOf(scalar),
    isName: scalar === ScalarType.STRING && !FREE_TEXT.has(field.localName),
  };
}

function scalarOf(field: DescField): ScalarType {
  if (field.fieldKind === 'scalar') return field.scalar;
  if (field.fieldKind === 'list' && field.listKind === 'scalar') return field.scalar;
  throw new AssertionFault(
    `${field.name} is a scalar or a message; enums and maps are not used in our schemas`,
  );
}

function wireTypeOf(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.DOUBLE:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    default:
      return WireType.Varint;
  }
}

/**
 * Encodes a plain object exactly as protobuf-es would encode the message (a test holds the two together): fields in
 * number order, proto3 defaults left out. Our own walk because the plain objects are the domain's own and copying
 * each into message instances costs several times as much.
 */
export function encodePlain(desc: DescMessage, value: object): Uint8Array {
  const writer = new BinaryWriter();
  writeMessage(writer, planOf(desc), value as PlainMessage); // plain by contract; every field is checked below
  return writer.finish();
}

function writeMessage(writer: BinaryWriter, plan: MessagePlan, value: PlainMessage): void {
  for (const field of plan.fields) {
    const entry = value[field.name];
    if (entry === undefined || entry === null) continue;
    if (field.repeated) for (const item of entry as readonly unknown[]) writeField(writer, field, item, true);
    else writeField(writer, field, entry, field.optional);
  }
}

function writeField(writer: BinaryWriter, field: FieldPlan, entry: unknown, always: boolean): void {
  if (field.message !== undefined) {
    writer.tag(field.number, WireType.LengthDelimited).fork();
    writeMessage(writer, field.message(), entry as PlainMessage);
    writer.join();
    return;
  }
  const scalar = required(field.scalar, 'the scalar type');
  if (!always && isDefault(scalar, entry)) return;
  checkedName(field, entry);
  writer.tag(field.number, field.tag);
  writeScalar(writer, scalar, entry, field.name);
}

/** State is keyed by what others write: a name that every object answers to would be found without having been put there. */
function checkedName(field: FieldPlan, entry: unknown): unknown {
  if (field.isName && isInherited(entry as string))
    throw new EvenkeelError({
      code: 'CONTRACTS.UNSAFE_NAME',
      message: `${field.name} is "${String(entry)}", a name that every object has`,
    });
  return entry;
}

function isDefault(scalar: ScalarType, entry: unknown): boolean {
  if (scalar === ScalarType.BYTES) return (entry as Uint8Array).length === 0;
  if (scalar === ScalarType.DOUBLE) return Object.is(entry, 0);
  return entry === '' || entry === 0 || entry === 0n || entry === false;
}

function writeScalar(writer: BinaryWriter, scalar: ScalarType, entry: unknown, name: string): void {
  if (scalar === ScalarType.STRING && typeof entry === 'string') writer.string(entry);
  else if (scalar === ScalarType.DOUBLE && typeof entry === 'number') writer.double(entry);
  else if (scalar === ScalarType.UINT32 && typeof entry === 'number') writer.uint32(entry);
  else if (scalar === ScalarType.BOOL && typeof entry === 'boolean') writer.bool(entry);
  else if (scalar === ScalarType.BYTES && entry instanceof Uint8Array) writer.bytes(entry);
  else if (scalar === ScalarType.UINT64 && typeof entry === 'bigint') writer.uint64(entry);
  else if (scalar === ScalarType.SFIXED64 && typeof entry === 'bigint') writer.sfixed64(entry);
  else throw new AssertionFault(`field ${name} holds its declared type, not ${typeof entry}`);
}

/** Decodes into a plain object with every proto3 default filled in. Throws on malformed bytes. */
export function decodePlain(desc: DescMessage, bytes: Uint8Array): PlainMessage {
  return readMessage(new BinaryReader(bytes), planOf(desc), bytes.length);
}

function readMessage(reader: BinaryReader, plan: MessagePlan, length: number): PlainMessage {
  const end = reader.pos + length;
  const value = emptyOf(plan);
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = plan.byNumber.get(number);
    if (field === undefined) {
      reader.skip(wireType, number);
      continue;
    }
    if (wireType !== field.tag)
      throw new AssertionFault(`field ${field.name} has the wire type its schema says`);
    const entry =
      field.message === undefined
        ? checkedName(field, readScalar(reader, field.scalar))
        : readMessage(reader, field.message(), reader.uint32());
    if (field.repeated) (value[field.name] as unknown[]).push(entry);
    else value[field.name] = entry;
  }
  if (reader.pos !== end) throw new AssertionFault('a message ends where its length says');
  return value;
}

/** A message with every default filled in: scalars from a template made once per message, lists fresh. */
function emptyOf(plan: MessagePlan): PlainMessage {
  plan.template ??= templateOf(plan);
  const value: PlainMessage = { ...plan.template };
  for (const name of plan.lists) value[name] = [];
  return value;
}

function templateOf(plan: MessagePlan): PlainMessage {
  const template: PlainMessage = {};
  for (const field of plan.fields) {
    if (field.repeated) template[field.name] = undefined;
    else if (!field.optional && field.message === undefined) template[field.name] = defaultOf(field.scalar);
  }
  return template;
}

function defaultOf(scalar: ScalarType | undefined): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      return '';
    case ScalarType.BOOL:
      return false;
    case ScalarType.BYTES:
      return new Uint8Array(0);
    case ScalarType.UINT64:
    case ScalarType.SFIXED64:
      return 0n;
    default:
      return 0;
  }
}

function readScalar(reader: BinaryReader, scalar: ScalarType | undefined): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      return reader.string();
    case ScalarType.DOUBLE:
      return reader.double();
    case ScalarType.UINT32:
      return reader.uint32();
    case ScalarType.BOOL:
      return reader.bool();
    case ScalarType.BYTES:
      return reader.bytes();
    case ScalarType.UINT64:
      return BigInt(reader.uint64());
    case ScalarType.SFIXED64:
      return BigInt(reader.sfixed64());
    default:
      throw new AssertionFault(`scalar type ${scalar} is used in our schemas`);
  }
}
