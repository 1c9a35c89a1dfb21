import type { LedgerFinding } from './finding';

/** Findings of one kind, as far as they were kept. */
export interface FindingGroup {
  readonly code: string;
  readonly count: number;
  readonly first: LedgerFinding;
  readonly last: LedgerFinding;
}

export interface GroupedFindings {
  /** Of rows before files before what is derived from rows, the earliest in the log: the rest may follow from it. */
  readonly first: LedgerFinding;
  /** All others by code, in the order in which they were met. */
  readonly others: readonly FindingGroup[];
}

/** What is worked out from the rows: where those were changed, it differs of necessity, and often at an earlier sequence. */
const DERIVED: ReadonlySet<string> = new Set([
  'LEDGER.SNAPSHOT_DIVERGES',
  'LEDGER.BOOK_DIVERGES',
  'LEDGER.DECISION_DIVERGES',
  'LEDGER.ORDER_DIVERGES',
  'LEDGER.PROJECTION_DIFFERS',
]);

/** Sets the first cause apart from what may only follow from it; `undefined` where nothing was found. */
export function groupFindings(findings: readonly LedgerFinding[]): GroupedFindings | undefined {
  const epochs = [...new Set(findings.map(({ epoch }) => epoch))];
  const place = ({ code, epoch, seq }: LedgerFinding): readonly [number, number, number] => [
    DERIVED.has(code) ? 2 : seq === 0 ? 1 : 0,
    epochs.indexOf(epoch),
    seq,
  ];
  const [head] = findings;
  if (head === undefined) return undefined;
  const first = findings.reduce((earliest, one) => {
    const [a, b] = [place(one), place(earliest)];
    const before = a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
    return before < 0 ? one : earliest;
  }, head);
  const groups = new Map<string, FindingGroup>();
  for (const finding of findings) {
    if (finding === first) continue;
    const known = groups.get(finding.code);
    groups.set(finding.code, {
      code: finding.code,
      count: (known?.count ?? 0) + 1,
      first: known?.first ?? finding,
      last: finding,
    });
  }
  return { first, others: [...groups.values()] };
}
