import { checkBundle, parseVerifierKey } from '@evenkeel/audit';
import type { BundleJudges, BundleTrust, VerifierKey } from '@evenkeel/audit';
import { checkAuthors, decodeEnvelope, judgeChain, reexecuteDecision } from '@evenkeel/reconstruction';
import { reportView } from './report-view';

const JUDGES: BundleJudges = {
  reexecute: reexecuteDecision,
  judgeChain,
  judgeAuthors: (commits, findings) => checkAuthors(commits, [], findings),
};

function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has a ${id}`);
  return found;
}

const result = byId('result', HTMLElement);
const drop = byId('drop', HTMLElement);
const file = byId('file', HTMLInputElement);
const logKeys = byId('log-keys', HTMLTextAreaElement);
const witnessKeys = byId('witness-keys', HTMLTextAreaElement);
const quorum = byId('quorum', HTMLInputElement);
const origin = byId('origin', HTMLInputElement);

/** Keys one a line; a line that is none is named. */
function readKeys(field: HTMLTextAreaElement, what: string): readonly VerifierKey[] {
  const lines = field.value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.map((line) => {
    const key = parseVerifierKey(line);
    if (key === undefined) throw new Error(`This is not a ${what}: ${line}`);
    return key;
  });
}

function readTrust(): BundleTrust {
  const wanted = origin.value.trim();
  return {
    logKeys: readKeys(logKeys, 'log key'),
    witnesses: readKeys(witnessKeys, 'witness key'),
    witnessQuorum: Math.max(0, Math.floor(quorum.valueAsNumber || 0)),
    ...(wanted === '' ? {} : { origin: wanted }),
  };
}

/** The bytes of a bundle, unpacked where it was gzipped. */
async function bytesOf(dropped: File): Promise<Uint8Array> {
  const bytes = new Uint8Array(await dropped.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Response(dropped.stream().pipeThrough(new DecompressionStream('gzip')));
  return new Uint8Array(await unpacked.arrayBuffer());
}

async function check(dropped: File): Promise<void> {
  result.replaceChildren('Checking …');
  try {
    const bytes = await bytesOf(dropped);
    result.replaceChildren(reportView(checkBundle(bytes, readTrust(), decodeEnvelope, JUDGES), dropped.name));
  } catch (error) {
    const message = document.createElement('p');
    message.className = 'verdict unreadable';
    message.dataset['verdict'] = 'unreadable';
    message.textContent = error instanceof Error ? error.message : 'It could not be checked.';
    result.replaceChildren(message);
  }
}

let last: File | undefined;

function take(files: FileList | null | undefined): void {
  last = files?.[0] ?? last;
  if (last !== undefined) void check(last);
}

file.addEventListener('change', () => take(file.files));
for (const field of [logKeys, witnessKeys, quorum, origin])
  field.addEventListener('change', () => take(undefined));
drop.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  take(event.dataTransfer?.files);
});
