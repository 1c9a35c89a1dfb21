import { KEPT_MAX } from '@evenkeel/facts';
import type { Kept, KeptName } from '@evenkeel/facts';
import { IntegrityFault } from '@evenkeel/kernel';

/** Throws `ENGINE.KEPT_TOO_MANY` where a partition keeps more than it ever should. */
export function checkKept(kept: Kept): void {
  for (const [what, max] of Object.entries(KEPT_MAX)) {
    const count = kept[what as KeptName] ?? 0; // the keys of KEPT_MAX are these names
    if (count <= max) continue;
    const message = `${count} ${what} are kept, and ${max} at most may be`;
    throw new IntegrityFault({ code: 'ENGINE.KEPT_TOO_MANY', message });
  }
}
