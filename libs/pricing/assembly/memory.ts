// Memory shared with the caller. Scalar entry points leave their results in `RESULT`; arrays live in blocks from `allocate`,
// which are never freed: a batch owns a whole instance of the module and goes with it.

/** How many doubles a scalar entry point may leave behind. */
export const RESULT_LENGTH: i32 = 64;
export const RESULT: usize = memory.data(512, 16);

/** Address of the result doubles. */
export function resultAddress(): usize {
  return RESULT;
}

/** A 16-byte aligned block; the memory grows where needed, which detaches views made before. */
export function allocate(bytes: i32): usize {
  return heap.alloc(bytes);
}

@inline
export function setResult(index: i32, value: f64): void {
  store<f64>(RESULT + ((<usize>index) << 3), value);
}
