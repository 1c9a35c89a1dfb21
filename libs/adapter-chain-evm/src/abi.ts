import { keccak_256 } from '@noble/hashes/sha3';
import { createContract } from 'micro-eth-signer/abi';
import { assert, utf8 } from '@evenkeel/kernel';
import { bytesOf, hexOf, unreadable } from './hex';

/** As Solidity's types are given: integers as bigint, addresses and text as string, bytes as bytes, tuples and arrays as lists. */
export type AbiValue = string | bigint | boolean | Uint8Array | readonly AbiValue[];

interface AbiType {
  readonly type: string;
  readonly components?: readonly AbiType[];
}

export interface AbiFunction {
  /** Four bytes, `0x` and hex digits. */
  readonly selector: string;
  encode(...values: readonly AbiValue[]): string;
  /** Throws `CHAIN.UNREADABLE_ANSWER`. */
  decode(data: string): readonly AbiValue[];
}

/** A function by its signature, e.g. `balanceOf(address)` that returns `uint256`; several returned values by commas. */
export function abiFunction(signature: string, returns = ''): AbiFunction {
  const open = signature.indexOf('(');
  const inputs = coderOf(tupleOf(signature.slice(open + 1, -1)));
  const outputs = coderOf(tupleOf(returns));
  const selector = keccakOf(signature).slice(0, 10);
  return {
    selector,
    encode: (...values) => selector + inputs.encode(values).slice(2),
    decode: (data) => outputs.decode(data),
  };
}

/** Topic 0 of an event by its signature. */
export function eventTopic(signature: string): string {
  return keccakOf(signature);
}

/** Values one after another, as a constructor takes them. */
export function encodeArguments(types: string, ...values: readonly AbiValue[]): string {
  return coderOf(tupleOf(types)).encode(values);
}

export function decodeArguments(types: string, data: string): readonly AbiValue[] {
  return coderOf(tupleOf(types)).decode(data);
}

function keccakOf(text: string): string {
  return hexOf(keccak_256(utf8(text)));
}

interface Coder {
  encode(values: readonly AbiValue[]): string;
  decode(data: string): readonly AbiValue[];
}

interface Echo {
  encodeInput(value: unknown): Uint8Array;
  decodeOutput(data: Uint8Array): AbiValue;
}

const SELECTOR_BYTES = 4;

function coderOf(types: readonly AbiType[]): Coder {
  const named = types.map(({ type }) => type).join(', ');
  let made: Echo | undefined;
  const echo = (): Echo => (made ??= echoOf(types));
  return {
    encode: (values) => {
      assert(types.length === values.length, `values are given for ${named}`);
      if (types.length === 0) return '0x';
      return hexOf(
        echo()
          .encodeInput(types.length === 1 ? values[0] : values)
          .slice(SELECTOR_BYTES),
      );
    },
    decode: (data) => {
      if (types.length === 0) return [];
      try {
        const decoded = echo().decodeOutput(bytesOf(data));
        return types.length === 1 ? [decoded] : (decoded as readonly AbiValue[]); // the coder's own shape: a list where no names are given
      } catch {
        throw unreadable(`values of the types ${named}`);
      }
    },
  };
}

/** The library has its coder behind whole contracts alone: this is one of a function that answers with what it is given. */
function echoOf(types: readonly AbiType[]): Echo {
  const contract = createContract([{ type: 'function', name: 'echo', inputs: types, outputs: types }]);
  return (contract as unknown as { readonly echo: Echo }).echo; // its types are worked out from literals; ours come from text
}

/** Types between commas; parentheses are tuples. */
function tupleOf(text: string): readonly AbiType[] {
  const types: AbiType[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const sign = text[index];
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if (depth > 0 || (sign !== ',' && sign !== undefined)) continue;
    if (index > from) types.push(typeOf(text.slice(from, index)));
    from = index + 1;
  }
  return types;
}

function typeOf(text: string): AbiType {
  if (!text.startsWith('(')) return { type: text };
  const close = text.lastIndexOf(')');
  return { type: `tuple${text.slice(close + 1)}`, components: tupleOf(text.slice(1, close)) };
}
