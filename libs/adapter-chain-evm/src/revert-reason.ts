import { decodeArguments } from './abi';

const ERROR = '0x08c379a0';
const PANIC = '0x4e487b71';
const REASON_MAX = 120;

/** Why a call reverted, from what it returned: the contract's own words, `PANIC_<n>`, `ERROR_<selector>`, or `NO_REASON`. */
export function revertReason(data: string | undefined): string {
  if (data === undefined || data.length < ERROR.length) return 'NO_REASON';
  const selector = data.slice(0, ERROR.length);
  const rest = `0x${data.slice(ERROR.length)}`;
  try {
    if (selector === ERROR) return printable(String(decodeArguments('string', rest)[0]));
    if (selector === PANIC) return `PANIC_${String(decodeArguments('uint256', rest)[0])}`;
  } catch {
    // It begins like one of those and is not: what is left is its selector.
  }
  return `ERROR_${selector}`;
}

/** A contract may say anything: what goes on a record is short and plain. */
function printable(text: string): string {
  const plain = text
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, REASON_MAX)
    .trim();
  return plain === '' ? 'NO_REASON' : plain;
}
