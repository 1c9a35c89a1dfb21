import { setTimeout as delay } from 'node:timers/promises';
import { formatNote, signText } from '@evenkeel/audit';
import type { SigningPort } from '@evenkeel/audit';
import type { Engagement } from '@evenkeel/execution';
import { killText } from '@evenkeel/governance';
import { InvalidInputError } from '@evenkeel/kernel';

/** What one process answered. */
export interface DirectAnswer {
  readonly url: string;
  readonly stopped: boolean;
  /** In words, for who asked. */
  readonly said: string;
}

const PATIENCE_MS = 3_000;
const TRIES = 2;
const REPLY_BYTES_MAX = 4_096;

/** Addresses of execution processes, separated by commas. Throws `INPUT.INVALID` for what is none. */
export function directUrls(text: string): readonly string[] {
  const urls = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const bad = urls.filter((one) => !URL.canParse(one) || !/^https?:$/.test(new URL(one).protocol));
  if (urls.length === 0 || bad.length > 0)
    throw new InvalidInputError('the command', [
      { path: '--direct', message: `"${bad[0] ?? text}" is not an address such as http://execution-0:9464` },
    ]);
  return urls.map((one) => new URL(one).origin);
}

/** Asks every process itself, all at once: no bus, no journal, no disk of ours is on the way. */
export async function killDirectly(
  urls: readonly string[],
  scope: string,
  { engagement, by, reason, at }: Engagement,
  signer: SigningPort,
): Promise<readonly DirectAnswer[]> {
  const text = killText({ scope, engagement, by, reason, at });
  const note = formatNote({ text, signatures: [await signText(text, signer)] });
  return Promise.all(urls.map((url) => ask(url, note)));
}

async function ask(url: string, note: string): Promise<DirectAnswer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await askOnce(url, note);
    } catch (error) {
      if (tries === TRIES) return { url, stopped: false, said: `no answer (${causeOf(error)})` };
      await delay(100);
    }
  }
}

async function askOnce(url: string, note: string): Promise<DirectAnswer> {
  const response = await fetch(`${url}/kill`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: note,
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { process = '', stopped, kept, message } = await replyOf(response);
  if (response.status === 200 && stopped === true) {
    const doubt = kept === true ? '' : ', but could not write it down: it would not outlive a restart';
    return { url, stopped: true, said: `${String(process)} has stopped${doubt}` };
  }
  return {
    url,
    stopped: false,
    said: `refused (${response.status}): ${String(message ?? 'no reason given')}`,
  };
}

async function replyOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > REPLY_BYTES_MAX) return {};
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
