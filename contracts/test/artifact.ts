import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContract, deployContract } from 'micro-eth-signer/abi';
import { keccak_256 } from '@noble/hashes/sha3';
import { assert, toHex, utf8 } from '@evenkeel/kernel';

/** Addresses and text as string, integers as bigint, bytes as bytes, structures by their members' names. */
export type Value =
  string | bigint | boolean | Uint8Array | readonly Value[] | { readonly [name: string]: Value };

interface Parameter {
  readonly type: string;
  readonly name?: string;
  readonly components?: readonly Parameter[];
}

interface AbiEntry extends Parameter {
  readonly inputs?: readonly Parameter[];
}

interface Coder {
  encodeInput(value?: unknown): Uint8Array;
  decodeOutput(data: Uint8Array): unknown;
}

/** A compiled contract: what to deploy and how its functions and errors are written. */
export class Artifact {
  private readonly coders: Readonly<Record<string, Coder>>;
  private readonly errors: ReadonlyMap<string, string>;

  constructor(
    private readonly abi: readonly AbiEntry[],
    private readonly bytecode: string,
  ) {
    this.coders = createContract(abi) as unknown as Readonly<Record<string, Coder>>; // its types come from literals; ours from a file
    this.errors = new Map(
      abi.filter(({ type }) => type === 'error').map((entry) => [selectorOf(entry), entry.name ?? '']),
    );
  }

  /** One that tools/contracts.mjs wrote. */
  static ours(name: string): Artifact {
    return Artifact.read(join(__dirname, '..', 'artifacts', `${name}.json`));
  }

  static published(path: string): Artifact {
    return Artifact.read(require.resolve(path));
  }

  private static read(path: string): Artifact {
    const { abi, bytecode } = JSON.parse(readFileSync(path, 'utf8')) as Artifact['shape']; // made by a compiler
    return new Artifact(abi, bytecode);
  }

  declare private readonly shape: { readonly abi: readonly AbiEntry[]; readonly bytecode: string };

  creation(values: readonly Value[]): string {
    const inputs = this.abi.find(({ type }) => type === 'constructor')?.inputs ?? [];
    if (inputs.length === 0) return this.bytecode;
    return deployContract(this.abi, this.bytecode, given(inputs, values));
  }

  encode(name: string, values: readonly Value[]): string {
    const inputs = this.abi.find((entry) => entry.type === 'function' && entry.name === name)?.inputs ?? [];
    assert(inputs.length === values.length, `${name} takes ${inputs.length} values`);
    const bytes =
      inputs.length === 0
        ? this.coder(name).encodeInput()
        : this.coder(name).encodeInput(given(inputs, values));
    return `0x${toHex(bytes)}`;
  }

  decode(name: string, data: string): unknown {
    return this.coder(name).decodeOutput(Buffer.from(data.slice(2), 'hex'));
  }

  /** The name of what a call reverted with: an error of the contract, the text of a require, or the selector. */
  errorOf(data: string): string {
    if (data.startsWith('0x08c379a0')) {
      const bytes = Buffer.from(data.slice(10), 'hex');
      return bytes
        .subarray(64, 64 + Number(BigInt(`0x${bytes.subarray(32, 64).toString('hex')}`)))
        .toString('utf8');
    }
    return this.errors.get(data.slice(0, 10)) ?? data.slice(0, 10);
  }

  private coder(name: string): Coder {
    const coder = this.coders[name];
    assert(coder !== undefined, `there is no function ${name}`);
    return coder;
  }
}

/** The library takes one value as it is, named ones by name, others as a list. */
function given(inputs: readonly Parameter[], values: readonly Value[]): unknown {
  if (inputs.length === 1) return values[0];
  if (inputs.some(({ name }) => name === undefined || name === '')) return values;
  return Object.fromEntries(inputs.map(({ name }, index) => [name, values[index]]));
}

function selectorOf({ name, inputs = [] }: AbiEntry): string {
  const typeOf = (input: Parameter): string =>
    input.type.startsWith('tuple')
      ? `(${(input.components ?? []).map(typeOf).join(',')})${input.type.slice(5)}`
      : input.type;
  return `0x${toHex(keccak_256(utf8(`${name}(${inputs.map(typeOf).join(',')})`)).slice(0, 4))}`;
}
