import { createCounter, createGauge } from '@evenkeel/telemetry';
import type { Counter, Gauge, Registry } from 'prom-client';

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
  return {
    treeSize: createGauge(registry, 'evenkeel_audit_tree_size'),
    signedSize: createGauge(registry, 'evenkeel_audit_signed_size'),
    cosignedSize: createGauge(registry, 'evenkeel_audit_cosigned_size'),
    witnessAlerts: createCounter(registry, 'evenkeel_audit_witness_alerts_total'),
    fault: createGauge(registry, 'evenkeel_audit_fault'),
  };
}
