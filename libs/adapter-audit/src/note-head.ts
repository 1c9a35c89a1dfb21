import { parseCheckpoint, parseNote } from '@evenkeel/audit';
import type { TreeHead } from '@evenkeel/audit';

/** The tree a checkpoint note speaks of, whoever signed it; `undefined` when it is no checkpoint. */
export function headOfNote(text: string): TreeHead | undefined {
  const note = parseNote(text);
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : undefined;
  return checkpoint?.ok === true ? { size: checkpoint.value.size, root: checkpoint.value.root } : undefined;
}
