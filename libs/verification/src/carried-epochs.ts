import { DeskFold, factText, lineageOf } from '@evenkeel/engine';
import type { Commit } from '@evenkeel/eventing';
import type { EpochCarried } from '@evenkeel/facts';
import { toHex } from '@evenkeel/kernel';
import type { LedgerFinding } from './finding';
import type { AuditedCommit, ComparableLedger, VerifiableLedger } from './verification-ports';

type Ledger = Pick<VerifiableLedger, 'commitsBetween'> & Pick<ComparableLedger, 'takenOver'>;

interface Beginning {
  readonly seq: number;
  readonly carried: EpochCarried;
  /** Its first facts of what is taken over, by their aggregates. */
  readonly facts: ReadonlyMap<string, { readonly seq: number; readonly text: string }>;
}

/**
 * Holds every epoch that says it took over from another one against that one's record: folded again, it must give the same first
 * facts, up to the commit that is named, and with nothing of it in the ledger after that.
 */
export async function checkCarriedEpochs(ledger: Ledger): Promise<readonly LedgerFinding[]> {
  const commits = await ledger.takenOver();
  const findings: LedgerFinding[] = [];
  for (const [epoch, count] of commits) {
    const beginning = await beginningOf(ledger, epoch, count);
    if (beginning === undefined) continue;
    const differs = (seq: number, message: string): void =>
      void findings.push({ epoch, seq, code: 'LEDGER.CARRIED_DIFFERS', message });
    const { carried, seq } = beginning;
    const last = Number(carried.lastSequence);
    const held = commits.get(carried.fromEpoch) ?? 0;
    if (held !== last)
      differs(
        seq,
        `it takes over epoch ${carried.fromEpoch} up to ${last}, of which the ledger holds ${held} commits`,
      );
    await compare(ledger, beginning, differs);
  }
  return findings;
}

async function compare(
  ledger: Ledger,
  { seq, carried, facts }: Beginning,
  differs: (seq: number, message: string) => void,
): Promise<void> {
  const { fromEpoch, at, lastHash } = carried;
  const fold = new DeskFold();
  let hash = '';
  for await (const one of ledger.commitsBetween(fromEpoch, 1, Number(carried.lastSequence))) {
    fold.take(one.commit);
    hash = toHex(one.hash);
  }
  if (hash !== lastHash)
    differs(seq, `the last commit that is taken over has sha256 ${hash}, not ${lastHash}`);
  const level = fold.governance.required;
  if (carried.approval === undefined && level !== undefined && level !== 'nothing')
    differs(seq, `epoch ${fromEpoch} wants a second person, and nobody agreed to taking it over`);
  const desk = fold.carried({ fromEpoch, at: fold.eventTimeText, lineage: lineageOf(fromEpoch, at) });
  if (desk.hash !== carried.factsHash)
    differs(
      seq,
      `epoch ${fromEpoch} comes to first facts with sha256 ${desk.hash}, not ${carried.factsHash}`,
    );
  const wanted = new Set(desk.drafts.map(({ aggregate }) => keyOf(aggregate)));
  for (const draft of desk.drafts) {
    const key = keyOf(draft.aggregate);
    const found = facts.get(key);
    if (found === undefined) differs(seq, `${key} of epoch ${fromEpoch} is not taken over`);
    else if (found.text !== factText(draft)) differs(found.seq, `${key} is not what epoch ${fromEpoch} left`);
  }
  for (const [key, { seq: place }] of facts)
    if (!wanted.has(key)) differs(place, `${key} is nothing that epoch ${fromEpoch} left`);
}

/** What an epoch begins with; undefined where it takes nothing over. */
async function beginningOf(ledger: Ledger, epoch: string, count: number): Promise<Beginning | undefined> {
  let begun: { readonly seq: number; readonly carried: EpochCarried } | undefined;
  const facts = new Map<string, { seq: number; text: string }>();
  for await (const stored of firstFacts(ledger, epoch, count)) {
    const { commit, seq } = stored;
    for (const { event } of commit.events)
      if (event.type === 'EpochCarried') begun = { seq, carried: event.payload };
    if (isTakenOver(commit)) facts.set(keyOf(commit.aggregate), { seq, text: factText(viewed(commit)) });
  }
  return begun === undefined ? undefined : { ...begun, facts };
}

async function* firstFacts(ledger: Ledger, epoch: string, count: number): AsyncIterable<AuditedCommit> {
  for await (const stored of ledger.commitsBetween(epoch, 1, count)) {
    if (stored.commit.causation.stream !== 'boot') return;
    yield stored;
  }
}

/** Keys are enrolled anew, and how it was agreed on stands beside it. */
function isTakenOver({ aggregate: { context, type } }: Commit): boolean {
  return context !== 'governance' || type === 'identities';
}

function viewed({ aggregate, book, events }: Commit) {
  return { aggregate, book, events: events.map(({ event }) => event) };
}

function keyOf({ context, type, id }: Commit['aggregate']): string {
  return `${context}/${type}/${id}`;
}
