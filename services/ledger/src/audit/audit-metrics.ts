import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What the audit trail tells of itself. */
export interface AuditMetrics {
  /** Commits in the tree, and in the newest checkpoint that is signed, and cosigned. */
  readonly treeSize: Gauge;
  readonly signedSize: Gauge;
  readonly cosignedSize: Gauge;
  readonly witnessAlerts: Counter<'code'>;
  /** 1 when the trail has stopped for a contradiction. */
  readonly fault: Gauge;
}

export function createAuditMetrics(registry: Registry): AuditMetrics {
  const registers = [registry];
  return {
    treeSize: new Gauge({ name: 'evenkeel_audit_tree_size', help: 'Commits in the tree.', registers }),
    signedSize: new Gauge({
      name: 'evenkeel_audit_signed_size',
      help: 'Commits under the newest signed checkpoint.',
      registers,
    }),
    cosignedSize: new Gauge({
      name: 'evenkeel_audit_cosigned_size',
      help: 'Commits under the newest checkpoint that a witness cosigned.',
      registers,
    }),
    witnessAlerts: new Counter({
      name: 'evenkeel_audit_witness_alerts_total',
      help: 'Witnesses that were away or refused, by code.',
      labelNames: ['code'],
      registers,
    }),
    fault: new Gauge({
      name: 'evenkeel_audit_fault',
      help: '1 while the audit trail has stopped for a contradiction.',
      registers,
    }),
  };
}
