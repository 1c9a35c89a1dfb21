import { kernelHash as embeddedHash, kernelWasmBase64 } from './generated/kernel-wasm';

/** SHA-256 of the WebAssembly module, lower-case hex: part of every snapshot, so a decision names the code that priced it. */
export const kernelHash: string = embeddedHash;

/** Kernels of releases whose legs this one values to the same bits: `test/released-kernels.json` holds them to it. */
export const kernelsOfSameLegs: readonly string[] = [
  'ef5332d0659e22dc558c1a5a77dc212db364e169993b354a91b13a35798f0790',
  '89816578a3179a42410801effada4506136baf1343aea0d3edaa81a821bf0b2a',
];

/** Whether a leg that the kernel of this hash valued comes out of this one to the last bit. */
export function valuesLegsLike(hash: string): boolean {
  return hash === kernelHash || kernelsOfSameLegs.includes(hash);
}

// The two members of the global WebAssembly object that are used; the workspace compiles without DOM types.
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
}
interface MemoryHandle {
  readonly buffer: ArrayBuffer;
}
interface CoreExports {
  readonly memory: MemoryHandle;
  allocate(bytes: number): number;
  resultAddress(): number;
}

/** One instantiated kernel with its own memory. */
export interface KernelInstance<Exports> {
  readonly exports: Exports & CoreExports;
  /** The doubles that scalar entry points leave behind; valid until the next call. */
  result(): Float64Array;
  /** A view of `length` doubles in freshly allocated kernel memory. Views made earlier may detach when memory grows. */
  allocateDoubles(length: number): { readonly address: number; view(): Float64Array };
}

const RESULT_LENGTH = 64;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decodeBase64(text: string): Uint8Array {
  const values = new Uint8Array(128);
  for (let i = 0; i < ALPHABET.length; i += 1) values[ALPHABET.charCodeAt(i)] = i;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  // One loop without a closure, a third of the time of one with: every thread decodes the kernel while nothing of it is optimised yet.
  let word = 0;
  let out = 0;
  for (let i = 0; i < text.length; i += 1) {
    word = (word << 6) | (values[text.charCodeAt(i)] ?? 0);
    if (i % 4 !== 3) continue;
    // What lies beyond the end, for padding, is not written.
    bytes[out] = word >> 16;
    bytes[out + 1] = word >> 8;
    bytes[out + 2] = word;
    out += 3;
  }
  return bytes;
}

function webAssembly(): WebAssemblyApi {
  // Every supported host has WebAssembly; its type lives in the DOM library, which pure libraries do not load.
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
}

let compiled: object | undefined;
let shared: KernelInstance<unknown> | undefined;

/** The module's bytes, for hosts that want to check or cache them. */
export function kernelBytes(): Uint8Array {
  return decodeBase64(kernelWasmBase64);
}

/** A new kernel with memory of its own. Synchronous; `Exports` names the entry points the caller is going to use. */
export function createKernelInstance<Exports>(): KernelInstance<Exports> {
  const api = webAssembly();
  compiled ??= new api.Module(kernelBytes());
  // The module's exports are what assembly/index.ts exports; the caller states the part it uses.
  const exports = new api.Instance(compiled, {}).exports as Exports & CoreExports;
  const resultAddress = exports.resultAddress();
  let result = new Float64Array(exports.memory.buffer, resultAddress, RESULT_LENGTH);
  return {
    exports,
    result: () => {
      if (result.length === 0) result = new Float64Array(exports.memory.buffer, resultAddress, RESULT_LENGTH);
      return result;
    },
    allocateDoubles: (length) => {
      const address = exports.allocate(length * 8);
      return { address, view: () => new Float64Array(exports.memory.buffer, address, length) };
    },
  };
}

/** The kernel that scalar calls share; calls are synchronous, so nothing can interleave. */
export function sharedKernel<Exports>(): KernelInstance<Exports> {
  shared ??= createKernelInstance<unknown>();
  // One module, one set of exports: the type parameter only selects the part the caller uses.
  return shared as KernelInstance<Exports>;
}
