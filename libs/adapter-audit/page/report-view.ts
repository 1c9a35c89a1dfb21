import type { BundleCommit, BundleReport, Finding } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { formatInstant, toHex } from '@evenkeel/kernel';
import { bundleStories, reconstructionText } from '@evenkeel/reconstruction';

type Child = Node | string;

/** An element with text and children; nothing of a bundle is ever read as markup. */
function element(tag: string, className: string, children: readonly Child[] = []): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

const VERDICTS: Readonly<Record<BundleReport['verdict'], string>> = {
  clean: 'Nothing is broken',
  divergent: 'Broken',
  unreadable: 'Not a whole evidence bundle',
};

const HEADINGS: readonly (readonly [Finding['outcome'], string])[] = [
  ['broken', 'What is broken'],
  ['established', 'What this file establishes'],
  ['not-established', 'What it cannot establish'],
];

/** The report of one check, as a person reads it. */
export function reportView(report: BundleReport, fileName: string): HTMLElement {
  const verdict = element('p', `verdict ${report.verdict}`, [VERDICTS[report.verdict]]);
  verdict.dataset['verdict'] = report.verdict;
  const view = element('section', 'report', [element('h2', '', [fileName]), verdict]);
  view.append(...storyViews(report));
  for (const [outcome, heading] of HEADINGS) {
    const findings = report.findings.filter((finding) => finding.outcome === outcome);
    if (findings.length === 0) continue;
    const items = findings.map((finding) =>
      element('li', outcome, [
        element('span', '', [finding.message]),
        ' ',
        element('code', '', [finding.code]),
      ]),
    );
    view.append(element('h3', '', [heading]), element('ul', '', items));
  }
  if (report.commits.length > 0) view.append(element('h3', '', ['The commits']), commitTable(report));
  return view;
}

/** What was decided, as the file tells it: the first open, everything on demand. */
function storyViews(report: BundleReport): readonly HTMLElement[] {
  const stories = bundleStories(report);
  if (stories.length === 0) return [];
  const heading = report.verdict === 'clean' ? 'What was decided' : 'What was decided, by what the file says';
  return [
    element('h3', '', [heading]),
    ...stories.map((story, index) => {
      const { at, book, decisionId } = story.decision.payload;
      const folded = document.createElement('details');
      folded.className = 'story';
      folded.open = index === 0;
      folded.append(
        element('summary', '', [`${at}, book ${book}, decision ${decisionId}`]),
        element('pre', '', [reconstructionText(story, { more: 'below' })]),
        element('details', '', [
          element('summary', '', ['Everything']),
          element('pre', '', [reconstructionText(story, { full: true })]),
        ]),
      );
      return folded;
    }),
  ];
}

function commitTable(report: BundleReport): HTMLElement {
  const subjects = new Set((report.header?.subjects ?? []).map(({ epoch, seq }) => `${epoch}/${seq}`));
  const head = ['Sequence', 'Event time', 'Aggregate', 'Events', 'Cause', 'SHA-256 of the published bytes'];
  const rows = report.commits.map((commit) =>
    commitRow(commit, subjects.has(`${commit.epoch}/${commit.seq}`)),
  );
  const table = element('table', '', [
    element('thead', '', [
      element(
        'tr',
        '',
        head.map((text) => element('th', '', [text])),
      ),
    ]),
    element('tbody', '', rows),
  ]);
  return element('div', 'scroll', [table]);
}

function commitRow(commit: BundleCommit, subject: boolean): HTMLElement {
  const { envelope } = commit;
  const details = element('details', '', [
    element('summary', '', [envelope.eventTypes.join(', ')]),
    contentView(commit),
  ]);
  const cells: readonly Child[] = [
    `${commit.epoch} / ${commit.seq}`,
    eventTimeOf(commit),
    `${envelope.aggregate} v${envelope.toVersion}`,
    details,
    envelope.causation.seq === 0
      ? 'outside the journal'
      : `${envelope.causation.stream} ${envelope.causation.seq}`,
    element('code', '', [toHex(commit.hash)]),
  ];
  return element(
    'tr',
    subject ? 'subject' : '',
    cells.map((cell) => element('td', '', [cell])),
  );
}

function eventTimeOf(commit: BundleCommit): string {
  return formatInstant(decodeCommit(commit.bytes).clock.eventTime);
}

/** The whole commit as text, on demand. */
function contentView(commit: BundleCommit): HTMLElement {
  const text = JSON.stringify(
    decodeCommit(commit.bytes),
    (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? toHex(value) : value,
    2,
  );
  return element('pre', '', [text]);
}
