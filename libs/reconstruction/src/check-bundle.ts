import { checkBundle, parseVerifierKey } from '@evenkeel/audit';
import type { BundleReport, Finding, VerifierKey } from '@evenkeel/audit';
import { InvalidInputError, toHex } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { bundleStories, decisionJson, decisionLines } from './bundle-stories';
import { checkApprovals } from './check-approvals';
import { checkAuthors } from './check-authors';
import { decodeEnvelope } from './commit-envelope';
import { judgeChain } from './reexecute-chain';
import { reexecuteDecision } from './reexecute-decision';

/** What a person brings to a check: nothing in the file can stand in for it. */
export interface CheckInput {
  readonly bytes: Uint8Array;
  /** The log's first verifier keys; a text may hold several, one a line, with comments behind `#`. */
  readonly keys: readonly string[];
  readonly witnessKeys?: readonly string[];
  /** The desk's keys, hex; without any, an epoch's own is taken and named. */
  readonly deskKeys?: readonly string[];
  /** Cosignatures without which the bundle fails. Default 0. */
  readonly quorum?: number;
  readonly origin?: string;
  /** SHA-256 that the roster of the people must descend from, hex. */
  readonly rosterHash?: string;
}

/** Judges an evidence bundle with its bytes and the keys alone: no network, database or environment. */
export function checkEvidence(input: CheckInput): BundleReport {
  const { logKeys, witnesses } = readTrust(input);
  const { bytes, quorum = 0, origin, deskKeys = [], rosterHash } = input;
  const report = checkBundle(
    bytes,
    { logKeys, witnesses, witnessQuorum: quorum, ...(origin === undefined ? {} : { origin }) },
    decodeEnvelope,
    {
      reexecute: reexecuteDecision,
      judgeChain,
      judgeAuthors: (commits, found) => checkAuthors(commits, deskKeys, found),
    },
  );
  const approvals = checkApprovals(report.commits, rosterHash);
  const isBroken = approvals.some(({ outcome }) => outcome === 'broken');
  return {
    ...report,
    findings: [...report.findings, ...approvals],
    verdict: isBroken && report.verdict === 'clean' ? 'divergent' : report.verdict,
  };
}

/**
 * Reads a bundle without judging it, for who has no key: its commits are what the file says, and nothing shows whose they are.
 */
export function readUnverified(
  bytes: Uint8Array,
): Pick<BundleReport, 'verdict' | 'commits' | 'header' | 'findings'> {
  const { verdict, commits, header } = checkBundle(
    bytes,
    { logKeys: [], witnesses: [], witnessQuorum: 0 },
    decodeEnvelope,
  );
  return {
    verdict: header === undefined ? verdict : 'clean',
    commits,
    findings: [],
    ...(header === undefined ? {} : { header }),
  };
}

/** The keys by which something is judged; throws `INPUT.INVALID` where there is none of the log. */
export function readTrust({ keys, witnessKeys }: Pick<CheckInput, 'keys' | 'witnessKeys'>): {
  readonly logKeys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
} {
  const problems: InputProblem[] = [];
  const logKeys = readKeys(keys, '--key', problems);
  const witnesses = readKeys(witnessKeys ?? [], '--witness-key', problems);
  if (logKeys.length === 0 && problems.length === 0)
    problems.push({
      path: '--key',
      message: 'is needed: the public key of the log, from somebody you trust',
    });
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  return { logKeys, witnesses };
}

function readKeys(given: readonly string[], option: string, problems: InputProblem[]): VerifierKey[] {
  return given.flatMap((text) => {
    const lines = text.split('\n').map((line) => line.trim());
    return lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .flatMap((line) => {
        const key = parseVerifierKey(line);
        if (key === undefined) problems.push({ path: option, message: `"${line}" is not a verifier key` });
        return key === undefined ? [] : [key];
      });
  });
}

const GROUPS: readonly (readonly [Finding['outcome'], string, string])[] = [
  ['broken', 'Broken', '!'],
  ['established', 'Established', '+'],
  ['not-established', 'Not established by this file', '?'],
];

/** What a verdict is called where a person reads it; exit codes 0, 1, 2. */
export const VERDICT_WORDS: Readonly<Record<BundleReport['verdict'], string>> = {
  clean: 'clean',
  divergent: 'broken',
  unreadable: 'not an evidence bundle',
};

/** The report for a person: what was decided, what is broken, what holds, and what a file like this cannot show. */
export function checkText(report: BundleReport, name: string, full = false): string {
  const { header, checkpoint, commits } = report;
  const lines = [`${VERDICT_WORDS[report.verdict]}: ${name}`];
  if (header !== undefined) {
    const subjects = header.subjects.map(({ epoch, seq }) => `sequence ${seq} of epoch ${epoch}`);
    lines.push(`  about ${subjects.slice(0, 8).join(', ')}${subjects.length > 8 ? ' …' : ''}`);
    lines.push(`  ${commits.length} commits of ${header.origin}`);
  }
  if (checkpoint !== undefined)
    lines.push(`  tree of ${checkpoint.checkpoint.size} commits, root ${toHex(checkpoint.checkpoint.root)}`);
  const stories = bundleStories(report);
  if (stories.length > 0)
    lines.push(
      '',
      report.verdict === 'clean' ? 'Decided' : 'Decided, by what the file says',
      ...stories.slice(0, STORIES_SHOWN).flatMap((story) => decisionLines(story).map((line) => `  ${line}`)),
      ...(stories.length > STORIES_SHOWN
        ? [`  … and ${stories.length - STORIES_SHOWN} more: keel audit show`]
        : []),
    );
  return `${[...lines, ...findingLines(full ? report.findings : reexecutedCounted(report.findings))].join('\n')}\n`;
}

const STORIES_SHOWN = 20;

/** Decisions that came out the same as one finding with their number, where there are several. */
function reexecutedCounted(all: readonly Finding[]): readonly Finding[] {
  const same = all.filter(({ code }) => code === 'AUDIT.REEXECUTED');
  const [first] = same;
  if (first === undefined || same.length === 1) return all;
  const message = `${same.length} decisions were decided again and came out the same, byte for byte (--full names them).`;
  return all.flatMap((one) =>
    one === first ? [{ ...first, message }] : one.code === 'AUDIT.REEXECUTED' ? [] : [one],
  );
}

/** Findings by what came of them: what is broken first. */
export function findingLines(all: readonly Finding[]): readonly string[] {
  return GROUPS.flatMap(([outcome, title, mark]) => {
    const findings = all.filter((finding) => finding.outcome === outcome);
    return findings.length === 0
      ? []
      : ['', title, ...findings.map(({ code, message }) => `  ${mark} ${message}  [${code}]`)];
  });
}

/** What is broken, one text each. */
export function brokenOf(all: readonly Finding[]): readonly string[] {
  return all
    .filter(({ outcome }) => outcome === 'broken')
    .map(({ code, message }) => `${message}  [${code}]`);
}

/** The report as JSON for scripts: commits by place and hash only. */
export function checkJson(report: BundleReport): object {
  const { verdict, findings, header, checkpoint, commits } = report;
  return {
    verdict,
    ...(header === undefined
      ? {}
      : { origin: header.origin, subjects: header.subjects, exportedAt: header.exportedAt }),
    ...(checkpoint === undefined
      ? {}
      : {
          tree: { size: checkpoint.checkpoint.size, root: toHex(checkpoint.checkpoint.root) },
          witnessed: checkpoint.witnessed,
        }),
    decisions: bundleStories(report).map(decisionJson),
    findings,
    commits: commits.map(({ epoch, seq, index, hash, envelope }) => ({
      epoch,
      seq,
      index,
      sha256: toHex(hash),
      aggregate: envelope.aggregate,
      types: envelope.eventTypes,
    })),
  };
}
