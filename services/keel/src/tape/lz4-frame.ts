const MAGIC = 0x184d2204;
const SIZES_MAX: readonly number[] = [65_536, 262_144, 1_048_576, 4_194_304];
const LEAST_MATCH = 4;
const MORE = 15;
const BLOCK_IS_PLAIN = 0x8000_0000;

/**
 * What an LZ4 frame holds (github.com/lz4/lz4, doc/lz4_Frame_format.md, 1.6.4). Its checksums, which Arrow does not
 * write, are passed over. Throws where anything does not fit.
 */
export function unlz4(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = view.getUint8(4);
  if (view.getUint32(0, true) !== MAGIC || flags >> 6 !== 1) throw new Error('is no LZ4 frame');
  const blockSum = (flags & 0x10) === 0 ? 0 : 4;
  const blockMax = SIZES_MAX[((view.getUint8(5) >> 4) & 7) - 4];
  if (blockMax === undefined || (flags & 1) === 1) throw new Error('is an LZ4 frame of another kind');
  let at = 7 + ((flags & 8) === 0 ? 0 : 8);
  let out = new Uint8Array(Math.max(blockMax, frame.length * 2));
  let end = 0;
  for (;;) {
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) return out.slice(0, end);
    const size = head & ~BLOCK_IS_PLAIN;
    if (size > frame.length - at) throw new Error('an LZ4 block is cut off');
    if (out.length - end < blockMax) out = grown(out, end + blockMax);
    const block = frame.subarray(at, at + size);
    if (head >= BLOCK_IS_PLAIN) {
      out.set(block, end);
      end += size;
    } else end = unpackBlock(block, out, end, end + blockMax);
    at += size + blockSum;
  }
}

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.max(least, bytes.length * 2));
  more.set(bytes);
  return more;
}

/** Unpacks one block behind `start`, to which matches may reach back; where it ended. */
function unpackBlock(block: Uint8Array, out: Uint8Array, start: number, limit: number): number {
  let at = 0;
  let end = start;
  const next = (): number => {
    const byte = block[at++];
    if (byte === undefined) throw new Error('an LZ4 block is cut off');
    return byte;
  };
  const length = (short: number): number => {
    if (short < MORE) return short;
    let sum = short;
    for (;;) {
      const byte = next();
      sum += byte;
      if (byte < 255) return sum;
    }
  };
  for (;;) {
    const token = next();
    const literals = length(token >> 4);
    if (literals > block.length - at || literals > limit - end) throw new Error('an LZ4 block does not fit');
    out.set(block.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    if (at === block.length) return end;
    const back = next() | (next() << 8);
    const match = length(token & MORE) + LEAST_MATCH;
    if (back === 0 || back > end || match > limit - end) throw new Error('an LZ4 block does not fit');
    if (back >= match) out.copyWithin(end, end - back, end - back + match);
    else for (let place = end; place < end + match; place++) out[place] = out[place - back] ?? 0;
    end += match;
  }
}
