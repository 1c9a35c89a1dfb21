import { Decimal, EvenkeelError, IntegrityFault } from '@evenkeel/kernel';
import { ByteReader, ByteWriter } from './state-bytes';

/**
 * What a core remembers, as bytes and back. Equal states that were made the same way give equal bytes; decoding gives a
 * state that goes on exactly as the encoded one would have: property order, -0, absent against undefined, the scale of a
 * decimal, and which two places hold *the same* object (cores change state in place) are all kept.
 *
 * Plain objects, arrays, Map, Set, Uint8Array, Decimal and primitives are known. Anything else (an instance of another
 * class, a function, a symbol, an accessor, a hole) throws `EVENTING.STATE_UNENCODABLE` with its path: a snapshot that
 * loses something must not exist.
 */
export function encodeState(state: unknown): Uint8Array {
  return new Encoder().encode(state);
}

/** Reads what `encodeState` wrote. Throws `EVENTING.SNAPSHOT_UNREADABLE` for anything else. */
export function decodeState(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = new Decoder(reader).read(0);
  if (!reader.atEnd) throw unreadable('bytes are left over');
  return value;
}

// The alphabet of the format. Numbers are never reused: a change of the format changes the code hash of every snapshot.
const enum Tag {
  Undefined = 0,
  Null = 1,
  False = 2,
  True = 3,
  /** Safe integers from 0; a varint. */
  Natural = 4,
  /** Safe integers below 0, as -1 - value. */
  Negative = 5,
  Double = 6,
  BigNatural = 7,
  BigNegative = 8,
  /** A text met for the first time; it gets the next number. */
  Latin = 9,
  Wide = 10,
  /** A text by its number. */
  Text = 11,
  Array = 12,
  Object = 13,
  Map = 14,
  Set = 15,
  Bytes = 16,
  Decimal = 17,
  /** An object by the number it got when it was met first. */
  Same = 18,
}

/** Deeper than any state is; a cycle is no depth, since it is met as the same object. */
const DEPTH_MAX = 500;

class Encoder {
  private readonly out = new ByteWriter();
  private readonly texts = new Map<string, number>();
  private readonly objects = new Map<object, number>();
  /** Where in the state the encoder is, for the error. */
  private readonly path: (string | number)[] = [];

  encode(state: unknown): Uint8Array {
    this.write(state);
    return this.out.finish();
  }

  private write(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        return this.out.byte(Tag.Undefined);
      case 'boolean':
        return this.out.byte(value ? Tag.True : Tag.False);
      case 'number':
        return this.number(value);
      case 'bigint':
        this.out.byte(value < 0n ? Tag.BigNegative : Tag.BigNatural);
        return this.out.bigNatural(magnitude(value));
      case 'string':
        return this.text(value);
      case 'object':
        return value === null ? this.out.byte(Tag.Null) : this.object(value);
      default:
        throw this.unencodable(`a ${typeof value}`);
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.out.byte(value < 0 ? Tag.Negative : Tag.Natural);
      this.out.varint(value < 0 ? -1 - value : value);
      return;
    }
    this.out.byte(Tag.Double);
    this.out.double(value);
  }

  private text(value: string): void {
    const known = this.texts.get(value);
    if (known !== undefined) {
      this.out.byte(Tag.Text);
      this.out.varint(known);
      return;
    }
    this.texts.set(value, this.texts.size);
    const latin = isLatin(value);
    this.out.byte(latin ? Tag.Latin : Tag.Wide);
    this.out.varint(value.length);
    if (latin) this.out.latin(value);
    else this.out.wide(value);
  }

  private object(value: object): void {
    const known = this.objects.get(value);
    if (known !== undefined) {
      this.out.byte(Tag.Same);
      this.out.varint(known);
      return;
    }
    if (this.path.length > DEPTH_MAX) throw this.unencodable(`more than ${DEPTH_MAX} levels`);
    this.objects.set(value, this.objects.size);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) this.plain(value);
    else if (value instanceof Decimal && prototype === Decimal.prototype) this.decimal(value);
    else if (Array.isArray(value) && prototype === Array.prototype) this.array(value);
    else if (value instanceof Map && prototype === Map.prototype) this.map(value);
    else if (value instanceof Set && prototype === Set.prototype) this.set(value);
    else if (value instanceof Uint8Array && prototype === Uint8Array.prototype) this.bytes(value);
    else throw this.unencodable(`an instance of ${className(prototype)}`);
  }

  private plain(value: object): void {
    const keys = Reflect.ownKeys(value);
    this.out.byte(Tag.Object);
    this.out.varint(keys.length);
    for (const key of keys) {
      if (typeof key === 'symbol') throw this.unencodable('a symbol as a key');
      const property = Object.getOwnPropertyDescriptor(value, key);
      this.path.push(key);
      if (property?.enumerable !== true || !('value' in property) || key === '__proto__')
        throw this.unencodable('a property that is not plain data');
      this.text(key);
      this.write(property.value);
      this.path.pop();
    }
  }

  private decimal(value: Decimal): void {
    this.out.byte(Tag.Decimal);
    this.out.byte(value.units < 0n ? 1 : 0);
    this.out.bigNatural(magnitude(value.units));
    this.out.varint(value.scale);
  }

  private array(value: readonly unknown[]): void {
    // Its indices and `length`: with less it has holes, with more it is no plain list.
    if (Reflect.ownKeys(value).length !== value.length + 1)
      throw this.unencodable('a list with holes or properties');
    this.out.byte(Tag.Array);
    this.out.varint(value.length);
    for (let index = 0; index < value.length; index += 1) {
      this.path.push(index);
      this.write(value[index]);
      this.path.pop();
    }
  }

  private map(value: ReadonlyMap<unknown, unknown>): void {
    this.refuseProperties(value);
    this.out.byte(Tag.Map);
    this.out.varint(value.size);
    for (const [key, entry] of value) {
      this.path.push(String(key));
      this.write(key);
      this.write(entry);
      this.path.pop();
    }
  }

  private set(value: ReadonlySet<unknown>): void {
    this.refuseProperties(value);
    this.out.byte(Tag.Set);
    this.out.varint(value.size);
    this.path.push('element');
    for (const entry of value) this.write(entry);
    this.path.pop();
  }

  private bytes(value: Uint8Array): void {
    this.out.byte(Tag.Bytes);
    this.out.varint(value.length);
    this.out.raw(value);
  }

  private refuseProperties(value: object): void {
    if (Reflect.ownKeys(value).length > 0) throw this.unencodable('a collection with properties of its own');
  }

  private unencodable(what: string): EvenkeelError {
    const place = this.path.length === 0 ? 'its root' : this.path.join('.');
    return new EvenkeelError({
      code: 'EVENTING.STATE_UNENCODABLE',
      message: `the state cannot be kept: ${what} at ${place}`,
    });
  }
}

class Decoder {
  private readonly texts: string[] = [];
  private readonly objects: object[] = [];

  constructor(private readonly from: ByteReader) {}

  read(depth: number): unknown {
    if (depth > DEPTH_MAX + 1) throw unreadable('it is nested too deeply');
    const tag: Tag = this.from.byte();
    switch (tag) {
      case Tag.Undefined:
        return undefined;
      case Tag.Null:
        return null;
      case Tag.False:
        return false;
      case Tag.True:
        return true;
      case Tag.Natural:
        return this.from.varint();
      case Tag.Negative:
        return -1 - this.from.varint();
      case Tag.Double:
        return this.from.double();
      case Tag.BigNatural:
        return this.from.bigNatural();
      case Tag.BigNegative:
        return -1n - this.from.bigNatural();
      case Tag.Latin:
      case Tag.Wide:
      case Tag.Text:
        return this.text(tag);
      case Tag.Same:
        return this.known(this.objects, this.from.varint());
      default:
        return this.object(tag, depth + 1);
    }
  }

  private text(tag: Tag): string {
    if (tag === Tag.Text) return this.known(this.texts, this.from.varint());
    const length = this.from.varint();
    const text = tag === Tag.Latin ? this.from.latin(length) : this.from.wide(length);
    this.texts.push(text);
    return text;
  }

  private decimal(): Decimal {
    const negative = this.from.byte() === 1;
    const units = this.from.bigNatural();
    return this.met(Decimal.ofUnits(negative ? -1n - units : units, this.from.varint()));
  }

  private object(tag: Tag, depth: number): object {
    if (tag === Tag.Decimal) return this.decimal();
    const size = this.from.varint();
    if (tag === Tag.Bytes) return this.met(this.from.raw(size));
    if (tag === Tag.Array) {
      const list: unknown[] = this.met([]);
      for (let index = 0; index < size; index += 1) list.push(this.read(depth));
      return list;
    }
    if (tag === Tag.Object) {
      const record: Record<string, unknown> = this.met({});
      for (let index = 0; index < size; index += 1) {
        const key = this.text(this.from.byte());
        record[key] = this.read(depth);
      }
      return record;
    }
    if (tag === Tag.Map) {
      const map = this.met(new Map<unknown, unknown>());
      for (let index = 0; index < size; index += 1) {
        const key = this.read(depth);
        map.set(key, this.read(depth));
      }
      return map;
    }
    if (tag === Tag.Set) {
      const set = this.met(new Set<unknown>());
      for (let index = 0; index < size; index += 1) set.add(this.read(depth));
      return set;
    }
    throw unreadable(`it has an unknown tag ${tag}`);
  }

  private met<T extends object>(value: T): T {
    this.objects.push(value);
    return value;
  }

  private known<T>(list: readonly T[], number: number): T {
    const value = list[number];
    if (value === undefined) throw unreadable('it points at something that it has not said');
    return value;
  }
}

/** Of a negative number, what is left of -1: so that there is one zero. */
function magnitude(value: bigint): bigint {
  return value < 0n ? -1n - value : value;
}

function isLatin(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}

function className(prototype: unknown): string {
  if (prototype === null) return 'nothing (no prototype)';
  const { constructor } = prototype as { constructor?: { name?: string } }; // whatever an object inherits from may name its maker
  return constructor?.name ?? 'an unnamed class';
}

function unreadable(why: string): IntegrityFault {
  return new IntegrityFault({
    code: 'EVENTING.SNAPSHOT_UNREADABLE',
    message: `these bytes are no state: ${why}`,
  });
}
