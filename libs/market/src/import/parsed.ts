import { parseInstrument } from '@evenkeel/instruments';
import type { ParsedInstrument } from '@evenkeel/instruments';

/** What an id says of its contract; undefined where it says nothing. */
export function parsed(id: string): ParsedInstrument | undefined {
  const instrument = parseInstrument(id);
  return instrument.ok ? instrument.value : undefined;
}
