import { AuditFolder } from '@evenkeel/adapter-audit';
import { homeOf } from './home';
import type { Home } from './home';

/** The audit trail of a home, to read: keys, checkpoints, cosignatures, proofs. Throws `AUDIT.NO_LOG` before the first run. */
export function openAuditTrail(home: Home = homeOf()): AuditFolder {
  return AuditFolder.open(home.audit);
}
