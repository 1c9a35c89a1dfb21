import { randomUUID } from 'node:crypto';
import { encodeCommand } from '@evenkeel/adapter-nats';
import { readNamedText } from '@evenkeel/config';
import {
  bookContent,
  carryContent,
  messageToQuarantine,
  requireKnownBook,
  requireKnownControl,
  scopeProblem,
} from '@evenkeel/desk';
import { quarantineOf, releaseOf } from '@evenkeel/governance';
import type { ChangeKind, WantedControl } from '@evenkeel/governance';
import { parsePolicy } from '@evenkeel/hedging';
import { isKillScope } from '@evenkeel/execution';
import { InvalidInputError, canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { parseOrderLimits } from '@evenkeel/market';
import { z } from 'zod';
import { loadRunInputs, managedBook } from '../run/inputs';
import { requiredBus } from '../stack/background';
import { onLatches, standingLatch } from '../stack/engage-latch';
import { knownNames } from '../stack/known-names';
import { homeOf } from '../stack/home';
import { sequenceOf } from '../commands/quarantine.command';
import { withDeskJournal } from './nats-desk';

export interface ProposedContent {
  readonly kind: ChangeKind;
  readonly scope: string;
  /** Canonical JSON: what both people sign the hash of. */
  readonly content: string;
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}

function readJson(path: string): Json {
  try {
    return JSON.parse(readNamedText(path)) as Json; // JSON.parse yields JSON
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
  }
}

/**
 * Throws `INPUT.INVALID` where a change is about a book, an instrument or a venue that the open epoch does not have: nobody is to agree
 * to what is about nothing.
 */
export async function requireThere({ kind, scope, content }: ProposedContent): Promise<void> {
  if (kind !== 'policy' && kind !== 'limits' && kind !== 'override') return;
  const known = await knownNames(await requiredBus(homeOf(), 'desk'));
  requireKnownBook(known, scope);
  if (kind === 'override') requireKnownControl(known, scope, wantedIn(content), []);
}

/** What an override asks for, as `keel override grant` and its like would. Throws `INPUT.INVALID` for what they could not carry out. */
function wantedIn(content: string): WantedControl {
  const wanted = JSON.parse(content) as WantedControl; // checked by what encodes it
  encodeCommand({
    ...wanted,
    id: randomUUID(),
    book: 'book',
    by: 'somebody',
    reason: 'why',
    at: new Date().toISOString(),
  });
  return wanted;
}

/** A policy for a book that runs; its instruments and contract terms stay as they are. */
export function policyContent(book: string, path: string, targetDelta: string): ProposedContent {
  const policy = readJson(path);
  const parsed = parsePolicy(canonicalJson(policy));
  if (!parsed.ok)
    throw new InvalidInputError(path, [
      { path: parsed.failure.path ?? '(file)', message: parsed.failure.message },
    ]);
  if (!/^-?\d+(\.\d+)?$/.test(targetDelta))
    throw invalid('--target-delta', `"${targetDelta}" is not a number`);
  return { kind: 'policy', scope: book, content: canonicalJson({ policy, targetDelta }) };
}

/** A book before it is opened, with the policy and contract terms it is to be opened with; held against a market where one is named. */
export function bookFileContent(
  path: string,
  options: { readonly policy?: string; readonly instruments?: string; readonly tape?: string },
): ProposedContent {
  const { tape, ...others } = options;
  const [managed] =
    tape === undefined
      ? [managedBook({ book: path, ...others })]
      : loadRunInputs({ books: [path], seed: 'evenkeel', days: 1, ...options }).books;
  if (managed === undefined) throw invalid('file', `${path} holds no book`);
  return { kind: 'book', scope: managed.file.book, content: bookContent(managed) };
}

/** Limits for a book that runs, written as in its file; what is signed are all of them, defaults filled in. */
export function limitsContent(book: string, path: string): ProposedContent {
  const limits = parseOrderLimits(readJson(path), path);
  return { kind: 'limits', scope: book, content: canonicalJson(limits) };
}

/** Anything that is JSON: overrides, roles. */
export function jsonContent(kind: 'override' | 'roles', scope: string, path: string): ProposedContent {
  return { kind, scope, content: canonicalJson(readJson(path)) };
}

/** That another epoch takes over from one, exactly as a dry run of it has said. */
export function epochContent(path: string): ProposedContent {
  const parsed = carriedEnd.safeParse(readJson(path));
  if (parsed.success) return carryContent(parsed.data);
  throw new InvalidInputError(
    path,
    parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}

const carriedEnd = z.object({
  fromEpoch: z.string().regex(/^\d+$/),
  lastSequence: z.number().int().positive(),
  lastHash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** That a message of the running journal, which nobody can believe, counts for nothing: exactly these bytes at this place. */
export async function quarantineContent(text: string): Promise<ProposedContent> {
  const message = await withDeskJournal(homeOf(), (journal) =>
    messageToQuarantine(journal, sequenceOf(text)),
  );
  const { subject, code, sha256 } = message;
  process.stderr.write(`${subject}: ${code} (SHA-256 ${sha256})\n`);
  return quarantineOf(message);
}

/** The release of what stops a scope now; an approval of it is good for these engagements and for no later one. */
export function releaseContent(scope: string, engagements: readonly string[]): ProposedContent {
  requireScope(scope);
  if (engagements.length === 0)
    throw invalid('scope', `${scope} is not stopped: there is nothing to release`);
  return { kind: 'kill-release', scope, content: releaseOf(scope, engagements).content };
}

function requireScope(scope: string): void {
  if (!isKillScope(scope))
    throw invalid(
      'scope',
      `"${scope}" is not firm, book:<id>, strategy:<kind>, venue:<id> or instrument:<id>`,
    );
}

/** As above, for what stops the scope by the control bucket and the kill folder of this machine. */
export async function standingRelease(scope: string): Promise<ProposedContent> {
  requireScope(scope);
  const home = homeOf();
  const bus = await requiredBus(home, 'desk');
  const { engagements } = await onLatches(bus, (desk) => standingLatch(desk, home.kill, scope));
  if (engagements.length === 0) {
    const problem = scopeProblem(scope, await knownNames(bus, scope));
    if (problem !== undefined) throw invalid('scope', problem);
  }
  for (const { engagement, by, at, reason } of engagements)
    process.stderr.write(`stopped by ${by} at ${at}: ${reason} (${engagement})\n`);
  return releaseContent(
    scope,
    engagements.map(({ engagement }) => engagement),
  );
}
