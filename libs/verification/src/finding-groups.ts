import type { LedgerFinding } from './finding';

/** Findings of one kind, as far as they were kept. */
export interface FindingGroup {
  readonly code: string;
  readonly count: number;
  readonly first: LedgerFinding;
  readonly last: LedgerFinding;
}

export interface GroupedFindings {
  /** The earliest in the log: what everything behind it may follow from. */
  readonly first: LedgerFinding;
  /** All others by code, in the order in which they were met. */
  readonly others: readonly FindingGroup[];
}

/** Sets the first cause apart from what may only follow from it; `undefined` where nothing was found. */
export function groupFindings(findings: readonly LedgerFinding[]): GroupedFindings | undefined {
  const epochs = [...new Set(findings.map(({ epoch }) => epoch))];
  const place = ({ epoch, seq }: LedgerFinding): readonly [number, number] => [
    epochs.indexOf(epoch),
    seq === 0 ? Number.MAX_SAFE_INTEGER : seq,
  ];
  const [head] = findings;
  if (head === undefined) return undefined;
  const first = findings.reduce((earliest, one) => {
    const [a, b] = [place(one), place(earliest)];
    return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]) ? one : earliest;
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
