import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pathToFileURL } from 'node:url';
import {
  MerkleFrontier,
  buildBundle,
  checkBundle,
  collectClosure,
  cosignText,
  evidenceInMemory,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  inclusionProof,
  leafHashOf,
  signText,
} from '@evenkeel/audit';
import type { Hash } from '@evenkeel/audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { encodeCommit } from '@evenkeel/contracts';
import { required, sha256, toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { commitOf, decisionDraft } from '@evenkeel/testkit';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { decodeEnvelope } from '@evenkeel/reconstruction';
import { signerFromPem } from './ed25519-key';
import {
  bundleAbout,
  decisionsIn,
  demonstration,
  withFalseReason,
} from '../../reconstruction/src/lab-bundle.test-support';

const ORIGIN = 'evenkeel.example/desk-1';
const log = signerFromPem(ORIGIN, generateKeyPem(), 'notes');
const witness = signerFromPem('auditor.example/w1', generateKeyPem(), 'cosignatures');

/** A bundle of real commits: a few decisions of one program, each following the one before. */
async function makeBundle(): Promise<Uint8Array> {
  const rows: { epoch: string; seq: number; aggregate: string; version: number; bytes: Uint8Array }[] = [];
  const nodes = new Map<string, Hash>();
  const frontier = new MerkleFrontier();
  let prevHash: Uint8Array = new Uint8Array(0);
  for (let seq = 1; seq <= 9; seq += 1) {
    const commit = commitOf(decisionDraft('book-1', `decision-${seq}`, `2026-01-05T09:0${seq}:00Z`), {
      version: seq,
      prevHash,
    });
    const bytes = encodeCommit(commit);
    prevHash = sha256(bytes);
    rows.push({ epoch: '1', seq, aggregate: 'strategy/hedge-program/book-1', version: seq, bytes });
    const leaf = leafHashOf({ epoch: '1', seq, commitHash: toHex(prevHash) });
    frontier.append(leaf, (node, hash) => nodes.set(`${node.level}/${node.index}`, hash));
  }
  const subjects = [{ epoch: '1', seq: 6 }];
  const text = formatCheckpoint({
    origin: ORIGIN,
    size: frontier.size,
    root: frontier.root(),
    extensions: [],
  });
  const signatures = [await signText(text, log), await cosignText(text, 1_768_000_000, witness)];
  return buildBundle({
    origin: ORIGIN,
    subjects,
    commits: await collectClosure(evidenceInMemory(rows), subjects, { decode: decodeEnvelope }),
    proofOf: (index) =>
      inclusionProof(index, frontier.size, (node) =>
        required(nodes.get(`${node.level}/${node.index}`), 'a node'),
      ),
    checkpoint: formatNote({ text, signatures }),
    exportedAt: '2026-01-31T00:00:00Z',
    exporter: 'test',
  });
}

describe('a bundle of real commits', () => {
  it('checks with the codec of the journal', async () => {
    const trust = { logKeys: [log.key], witnesses: [witness.key], witnessQuorum: 1, origin: ORIGIN };
    const report = checkBundle(await makeBundle(), trust, decodeEnvelope);
    expect(report.verdict).toBe('clean');
    expect(report.commits).toHaveLength(6);
  });
});

const BROWSERS = [
  process.env['EK_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = BROWSERS.find((path) => path !== undefined && existsSync(path));
const withBrowser = executablePath === undefined ? it.skip : it;
if (executablePath === undefined) {
  process.stderr.write(
    'SKIPPED: no Chromium found (EK_CHROMIUM names one); the checking page was not opened in a browser\n',
  );
}

describe('the self-contained checking page', () => {
  const root = join(__dirname, '../../..');
  const pageFile = join(__dirname, '../generated/check.html');
  let folder = '';
  let browser: Browser | undefined;

  beforeAll(async () => {
    execFileSync(process.execPath, [join(__dirname, '../build.mjs')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-page-'));
    if (executablePath === undefined) return;
    browser = await chromium.launch({
      executablePath,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openPage(): Promise<{ page: Page; requests: string[] }> {
    const context = await required(browser, 'a browser').newContext({ offline: true });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(pageFile).href);
    await page.fill('#log-keys', formatVerifierKey(log.key));
    await page.fill('#witness-keys', formatVerifierKey(witness.key));
    await page.fill('#quorum', '1');
    return { page, requests };
  }

  async function verdictOf(page: Page, name: string, bytes: Uint8Array): Promise<string | undefined> {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    await page.setInputFiles('#file', path);
    const heading = page.locator('#result h2', { hasText: name });
    await heading.waitFor();
    return (await page.locator('#result [data-verdict]').getAttribute('data-verdict')) ?? undefined;
  }

  it('is one file that names no other', () => {
    const html = readFileSync(pageFile, 'utf8');
    expect(html).not.toMatch(/\b(src|href)\s*=\s*["'](?!#)/);
    expect(html).toContain("default-src 'none'");
  });

  withBrowser('checks a sound and an altered bundle in a browser without a network', async () => {
    const bytes = await makeBundle();
    const { page, requests } = await openPage();
    expect(await verdictOf(page, 'sound.evidence', bytes)).toBe('clean');
    expect(await page.locator('#result tbody tr').count()).toBe(6);
    expect(await page.locator('#result tr.subject').textContent()).toContain('2026-01-05T09:06:00Z');
    expect(await page.locator('#result li.established').count()).toBeGreaterThanOrEqual(4);
    const middle = Math.floor(bytes.length / 2);
    const altered = bytes.map((byte, at) => (at === middle ? byte ^ 1 : byte));
    expect(await verdictOf(page, 'altered.evidence', altered)).not.toBe('clean');
    expect(await verdictOf(page, 'cut.evidence', bytes.slice(0, -10))).toBe('divergent');
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
  });

  withBrowser('decides a real decision again in the browser, and catches a false one', async () => {
    const { journal } = runInProcess(demonstration());
    const at = decisionsIn(journal.all)[3] ?? -1;
    // The page reads envelopes as they are: causes in the lab's own stream are declared to lie outside.
    const about = (commits: typeof journal.all): Promise<Uint8Array> =>
      bundleAbout(commits, at, log, true, decodeEnvelope);
    const { page } = await openPage();
    await page.fill('#quorum', '0');
    expect(await verdictOf(page, 'again.evidence', await about(journal.all))).toBe('clean');
    expect(await page.locator('#result li.established', { hasText: 'AUDIT.REEXECUTED' }).count()).toBe(1);
    expect(await page.locator('#result details.story pre').first().textContent()).toMatch(/^What +/m);
    expect(await verdictOf(page, 'again.gz', gzipSync(await about(journal.all)))).toBe('clean');
    expect(await verdictOf(page, 'forged.evidence', await about(withFalseReason(journal.all, at)))).toBe(
      'divergent',
    );
    expect(await page.locator('#result li.broken', { hasText: 'AUDIT.REEXECUTION_DIVERGED' }).count()).toBe(
      1,
    );
  });

  withBrowser('takes a dropped file, and fails without the right keys', async () => {
    const bytes = await makeBundle();
    const { page } = await openPage();
    await page.fill('#log-keys', '');
    expect(await verdictOf(page, 'keyless.evidence', bytes)).toBe('divergent');
    await page.fill('#log-keys', 'not a key');
    await page.locator('#log-keys').blur();
    await page.locator('#result p', { hasText: 'not a log key' }).waitFor();
    await page.fill('#log-keys', formatVerifierKey(log.key));
    // As text: DataTransfer is a word of the browser, which this file is not compiled for.
    const transfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from([${[...bytes].join()}])], 'dropped.evidence'));
      return data;
    })()`);
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
    await page.locator('#result h2', { hasText: 'dropped.evidence' }).waitFor();
    expect(await page.locator('#result [data-verdict]').getAttribute('data-verdict')).toBe('clean');
  });
});
