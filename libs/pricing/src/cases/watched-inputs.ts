import { nearestName, unknownField } from '@evenkeel/kernel';
import { PricingError } from '../errors';
import type { RawInputs } from '../exotic/inputs';

/** The letters of the published tables, which the kernel asks for, and the words that say the same. */
export const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  S: ['spot'],
  S0: ['spot', 'S'],
  F: ['forward'],
  K: ['strike'],
  T: ['timeToExpiry', 'years'],
  r: ['rate'],
  q: ['dividendYield'],
  b: ['carry'],
  sigma: ['volatility'],
  discount: ['discountFactor'],
  price: ['value', 'undiscountedPrice'],
};

/** Words about a case rather than inputs of it: `note`, and rules that published tables tell in prose. */
const REMARKS = new Set(['note', 'vol_rule', 'skew']);

/** Any letter is near any other: shorter names say nothing about what was meant. */
const TELLING = 3;

/** One object of a case and what was asked of it. */
interface Watch {
  readonly fields: RawInputs;
  /** `quotes[3].` */
  readonly path: string;
  /** Names as asked for. */
  readonly asked: Set<string>;
  /** Names as written, of those that were asked for. */
  readonly read: Set<string>;
}

/** Inputs that remember what was read of them, in every spelling, and of the objects inside them. */
export interface WatchedInputs {
  readonly inputs: RawInputs;
  /** Throws `PRICING.UNUSED_INPUT` that names every input nobody read. `what`: whose inputs they are. */
  refuseUnread(what: string): void;
  /** The error with the input's name as it was written, and what may have been meant by one that is missing. */
  asWritten(error: PricingError): PricingError;
  /** Every name that was asked for, and the words for it. */
  asked(): readonly string[];
}

/** `standIns` are read where the case itself is silent, and need not be. */
export function watchInputs(written: RawInputs, standIns: RawInputs = {}): WatchedInputs {
  const watches: Watch[] = [];
  const inputs = watched(written, '', watches, standIns);
  const unread = (): { path: string; name: string; known: string[] }[] =>
    watches.flatMap(({ fields, path, asked, read }) =>
      asked.size === 0
        ? []
        : Object.entries(fields)
            .filter(([name, value]) => value !== undefined && value !== null && !read.has(name))
            .filter(([name, value]) => !(REMARKS.has(name) && typeof value === 'string'))
            .map(([name]) => ({ path, name, known: [...asked, ...[...asked].flatMap(spellingsOf)] })),
    );
  return {
    inputs,
    refuseUnread: (what) => {
      const [first, ...more] = unread();
      if (first === undefined) return;
      const others =
        more.length === 0
          ? ''
          : `; neither ${more.length === 1 ? 'is' : 'are'} ${more.map(({ path, name }) => path + name).join(', ')}`;
      const message =
        first.name.length < TELLING
          ? `is not used by ${what}. There are ${[...new Set(first.known)].join(', ')}`
          : unknownField(first.name, first.known, `is not used by ${what}`);
      throw new PricingError({
        code: 'PRICING.UNUSED_INPUT',
        message: `${first.path}${first.name} ${message}${others}`,
        path: first.path + first.name,
      });
    },
    asWritten: (error) => {
      const { code, message, path } = error;
      if (path === undefined) return error;
      if (code === 'PRICING.MISSING_INPUT') {
        const meant = unread().find(
          ({ name }) => name.length >= TELLING && nearestName(name, spellingsOf(path)) !== undefined,
        );
        if (meant === undefined) return error;
        return new PricingError({ code, message: `${message}: is it ${meant.path}${meant.name}?`, path });
      }
      const name = wordOf(written, path);
      if (name === path || !message.startsWith(`${path} `)) return error;
      return new PricingError({ code, message: name + message.slice(path.length), path: name });
    },
    asked: () => watches.flatMap(({ asked }) => [...asked].flatMap(spellingsOf)),
  };
}

/** A case with some inputs put in the place of its own, which are then as good as not written. */
export function withInputs(inputs: RawInputs, given: RawInputs): RawInputs {
  // What is not given is looked up along the prototype, so that the watch sees it.
  return Object.create(
    inputs,
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value, enumerable: true }])),
  ) as RawInputs; // an object whose fields are unknown
}

/** A name and the words that say the same. */
export function spellingsOf(name: string): readonly string[] {
  return [name, ...((Object.hasOwn(SPELLINGS, name) ? SPELLINGS[name] : undefined) ?? [])];
}

/** The names under which a field is written: one of its spellings, none, or several where somebody said it twice. */
export function writtenNames(fields: RawInputs, name: string): readonly string[] {
  return spellingsOf(name).filter((word) => Object.hasOwn(fields, word) && fields[word] !== undefined);
}

/** The name under which a field is written; itself where it is not. Throws where it is written under two. */
function wordOf(fields: RawInputs, name: string): string {
  const [first = name, second] = writtenNames(fields, name);
  if (second === undefined) return first;
  throw new PricingError({
    code: 'PRICING.INVALID_INPUT',
    message: `${first} and ${second} are one input: write one of them`,
    path: second,
  });
}

function watched(fields: RawInputs, path: string, watches: Watch[], standIns: RawInputs): RawInputs {
  const watch: Watch = { fields, path, asked: new Set(), read: new Set() };
  watches.push(watch);
  const inside = new Map<string, unknown>();
  return new Proxy(fields, {
    get: (_, name) => {
      if (typeof name === 'symbol' || name === 'toJSON') return undefined;
      const word = wordOf(fields, name);
      watch.asked.add(name);
      if (!Object.hasOwn(fields, word) || fields[word] === undefined) return standIns[name];
      watch.read.add(word);
      if (!inside.has(word)) inside.set(word, watchedValue(fields[word], path + word, watches));
      return inside.get(word);
    },
  });
}

/** Objects inside, and those in lists, are watched as well. */
function watchedValue(value: unknown, path: string, watches: Watch[]): unknown {
  if (Array.isArray(value))
    return value.map((item: unknown, index) => watchedValue(item, `${path}[${index}]`, watches));
  if (typeof value !== 'object' || value === null) return value;
  return watched(value as RawInputs, `${path}.`, watches, {}); // an object that is no list
}
