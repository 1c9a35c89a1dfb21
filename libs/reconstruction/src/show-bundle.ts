import type { BundleReport } from '@evenkeel/audit';
import { bundleStories } from './bundle-stories';
import { VERDICT_WORDS, findingLines } from './check-bundle';
import { reconstructionText } from './reconstruction-text';

export interface ShowOptions {
  /** The file, as the person named it. */
  readonly name: string;
  readonly full: boolean;
  /** Whether the report was made with a key of the log. */
  readonly verified: boolean;
}

/** The decisions of a bundle for a person to read, and first of all whether the file may be believed. */
export function showText(
  report: Pick<BundleReport, 'verdict' | 'commits' | 'header' | 'findings'>,
  { name, full, verified }: ShowOptions,
): string {
  const stories = bundleStories(report);
  const broken = report.findings.filter(({ outcome }) => outcome === 'broken');
  const standing = !verified
    ? [
        `NOT VERIFIED: ${name}`,
        '  no key was given, so nothing shows that this is what the log holds: give --key, from somebody you trust',
      ]
    : report.verdict === 'clean'
      ? [
          `verified: ${name}`,
          `  ${report.commits.length} commits stand in the signed tree; \`keel audit check\` says what that shows and what not`,
        ]
      : [`${VERDICT_WORDS[report.verdict].toUpperCase()}: ${name}`, ...findingLines(broken)];
  const told = stories.map((story) =>
    reconstructionText(story, { full, more: `keel audit show ${name} --full` }),
  );
  return `${standing.join('\n')}\n${told.map((text) => `\n${text}`).join('')}`;
}
