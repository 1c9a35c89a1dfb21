import type { BundleCommit, Reexecute } from '@evenkeel/audit';
import { decodeCommit, encodeCommit, sealCommit } from '@evenkeel/contracts';
import { Reactor, TOPOLOGY, VIRTUAL_CLOCK, governanceRecord, hears, take } from '@evenkeel/engine';
import { causeOfCommit } from '@evenkeel/eventing';
import type { Commit, Producer, SealedCommit } from '@evenkeel/eventing';
import type { Refusals } from '@evenkeel/facts';
import { createProgramCore } from '@evenkeel/hedging';

const REPLAYER: Producer = { service: 'replay', version: '0', gitSha: '', kernelHash: '' };

/** A commit of a bundle with its whole envelope. */
interface Recorded extends SealedCommit {
  readonly seq: number;
  readonly subject: string;
  readonly refusals?: Refusals;
}

type Answer = ReturnType<Reexecute>;
type ProgramReactor = Reactor<ReturnType<ReturnType<typeof createProgramCore>['initial']>, never>;

/**
 * Decides a commit of the hedge program again from the commits of a bundle, in the order of the journal, and gives back
 * the bytes it would publish: what the core says, in the recorded host's envelope (producer, host times, trace). The
 * bundle must hold every commit of the book that the program observed before it (`inputsOf` names the contexts); a
 * program that does not come by its earlier answers again has other inputs than it had, and says so instead.
 */
export const reexecuteDecision: Reexecute = (decision, before) => {
  const target = read(decision);
  if (target.commit.aggregate.context !== 'strategy') {
    return notPossible('only decisions of hedge programs are run again here');
  }
  const reactor: ProgramReactor = new Reactor(createProgramCore(), {
    epoch: target.commit.epoch,
    producer: REPLAYER,
    seal: sealCommit,
    hostClock: () => VIRTUAL_CLOCK,
  });
  const governance = governanceRecord();
  const judged = before
    .filter(({ epoch }) => epoch === decision.epoch)
    .map((one) => governance.judged(read(one)));
  const { inputs, answers, facts } = arrange(judged, target);
  for (const input of inputs) {
    const last = input.commit.commitId === target.commit.causation.commitId;
    const recorded = answers.get(input.commit.commitId) ?? [];
    const answeredAt = recorded[0]?.seq ?? (last ? target.seq : input.seq);
    for (let fact = facts[0]; fact !== undefined && fact.seq < answeredAt; fact = facts[0]) {
      reactor.fold(fact, fact.seq);
      facts.shift();
    }
    const answer = replay(reactor, input, recorded, last ? target : undefined);
    if (answer !== undefined) return answer;
  }
  return notPossible('the commit it answers is not in the bundle');
};

/** True for what a hedge program says and hears: what a bundle holds besides the causal closure to be run again. */
export function inputsOf(context: string): boolean {
  return context === 'strategy' || TOPOLOGY.strategy.reads.some((read) => read === context);
}

function notPossible(reason: string): Answer {
  return { kind: 'not-possible', reason };
}

function read(commit: BundleCommit): Recorded {
  return {
    commit: decodeCommit(commit.bytes),
    bytes: commit.bytes,
    hash: commit.hash,
    seq: commit.seq,
    subject: '',
  };
}

interface Arranged {
  readonly inputs: readonly Recorded[];
  /** The program's recorded answers by what they answer. */
  readonly answers: ReadonlyMap<string, readonly Recorded[]>;
  /** What persons put on record for the program (a policy at boot), to be folded where it stood. */
  readonly facts: Recorded[];
}

function arrange(before: readonly Recorded[], target: Recorded): Arranged {
  const inputs: Recorded[] = [];
  const facts: Recorded[] = [];
  const answers = new Map<string, Recorded[]>();
  for (const recorded of before) {
    const { commit } = recorded;
    if (commit.partition !== target.commit.partition || commit.epoch !== target.commit.epoch) continue;
    if (commit.aggregate.context === 'strategy' && commit.causation.seq === 0n) facts.push(recorded);
    else if (commit.aggregate.context === 'strategy') {
      answers.set(commit.causation.commitId, [...(answers.get(commit.causation.commitId) ?? []), recorded]);
    } else if (hears('strategy', commit)) inputs.push(recorded);
  }
  return { inputs, answers, facts };
}

/** Feeds one input; the answer is there once the target came out, or cannot. */
function replay(
  reactor: ProgramReactor,
  input: Recorded,
  recorded: readonly Recorded[],
  target: Recorded | undefined,
): Answer | undefined {
  const settling = take(reactor, causeOfCommit(`EK_JOURNAL_${input.commit.epoch}`, input));
  let answered = 0;
  for (let task = settling.next(); task !== undefined;) {
    if (task.kind === 'perform') {
      task = settling.next();
      continue;
    }
    const { made, position } = task;
    const known = recorded[position];
    if (known === undefined && target !== undefined)
      return { kind: 'bytes', bytes: inEnvelopeOf(target.commit, made.commit) };
    if (known === undefined || known.commit.commitId !== made.commit.commitId) return astray(input);
    answered = position + 1;
    task = settling.next({ recorded: known, seq: known.seq });
  }
  if (target !== undefined) return { kind: 'bytes', bytes: new Uint8Array(0) };
  return answered < recorded.length ? astray(input) : undefined;
}

function astray(input: Recorded): Answer {
  return notPossible(
    `the program does not come by its recorded answer to sequence ${input.seq}: the bundle lacks inputs it had`,
  );
}

/** What the core said, with what the host had added. */
function inEnvelopeOf(recorded: Commit, made: Commit): Uint8Array {
  const { taken, fencingToken, signature } = recorded;
  return encodeCommit({
    ...made,
    producer: recorded.producer,
    clock: { ...recorded.clock, eventTime: made.clock.eventTime },
    traceparent: recorded.traceparent,
    causation: { ...made.causation, stream: recorded.causation.stream },
    ...(taken === undefined ? {} : { taken }),
    ...(fencingToken === undefined ? {} : { fencingToken }),
    // Of the recorded bytes: it is judged where it is checked who wrote them.
    ...(signature === undefined ? {} : { signature }),
  });
}
