import type { JournalPlace } from './bundle-lines';

/** One thing a check says. `not-established` is no accusation: it names what this file cannot show. */
export interface Finding {
  readonly outcome: 'established' | 'not-established' | 'broken';
  readonly code: string;
  readonly message: string;
  readonly epoch?: string;
  readonly seq?: number;
}

/** Collects the findings of one check. */
export class FindingList {
  private readonly findings: Finding[] = [];

  established(code: string, message: string): void {
    this.findings.push({ outcome: 'established', code, message });
  }

  notEstablished(code: string, message: string): void {
    this.findings.push({ outcome: 'not-established', code, message });
  }

  /** `message` continues "Sequence N:" when a place is given. */
  broken(code: string, message: string, place?: JournalPlace): void {
    if (place === undefined) {
      this.findings.push({ outcome: 'broken', code, message });
      return;
    }
    const { epoch, seq } = place;
    this.findings.push({ outcome: 'broken', code, epoch, seq, message: `Sequence ${seq}: ${message}.` });
  }

  anyBroken(): boolean {
    return this.findings.some((finding) => finding.outcome === 'broken');
  }

  /** What no bundle can show, said every time. */
  limits(): void {
    this.notEstablished(
      'AUDIT.LIMIT_OUTSIDE',
      'Whether venues and price sources told the truth: only what the system was told is on record.',
    );
    this.notEstablished(
      'AUDIT.LIMIT_CLOCKS',
      'Whether the host clocks were right, beyond the order the journal gave and any witness time.',
    );
    this.notEstablished(
      'AUDIT.LIMIT_REST',
      'Anything about commits that are not in this bundle, apart from their number and place.',
    );
  }

  all(): readonly Finding[] {
    return this.findings;
  }
}
