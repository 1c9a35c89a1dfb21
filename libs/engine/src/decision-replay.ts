import { encodePayload } from '@evenkeel/contracts';
import { commitIdOf, viewOf } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { takeIn } from '@evenkeel/facts';
import type { CommitDraft, Core, CoreInput } from '@evenkeel/facts';
import { createProgramCore } from '@evenkeel/hedging';
import { sameBytes } from '@evenkeel/kernel';
import { take } from './settle';
import type { Deciding } from './settle';
import { hears } from './topology';

/** Where the record and a second run of the same code part ways. */
export interface Divergence {
  readonly seq: number;
  readonly commitId: string;
  readonly message: string;
}

/** A recorded commit, wherever it was kept. */
export type RecordedCommit = Pick<StoredCommit, 'seq' | 'commit' | 'bytes' | 'hash' | 'refusals'>;

/** Where a replay stands, as plain JSON: enough to go on later. */
export interface ReplayRecord {
  /** State of the program core after what was judged. */
  readonly state: unknown;
  /** Commits from this sequence on are to be pushed again. */
  readonly fromSeq: number;
  /** Answers up to this sequence have been judged already. */
  readonly answeredSeq: number;
  readonly decisions: number;
}

interface Input {
  readonly stored: RecordedCommit;
  readonly answers: RecordedCommit[];
}

type ProgramCore = Core<unknown, unknown>;

/**
 * Runs the hedge programs of one partition again, commit by commit in the order of the journal, and compares what they
 * say, byte for byte, with what is recorded. An input is judged once a later one was answered: programs answer in
 * order, so nothing more can come for it. What was recorded is folded, so one divergence does not hide the next.
 * Memory is bounded by the inputs between two answers.
 */
export class DecisionReplay {
  private readonly core: ProgramCore;
  private readonly deciding: Deciding<CoreInput, CommitDraft, unknown, RecordedCommit> = {
    observe: (input) => void (this.state = takeIn(this.core, this.state, input)),
    decide: (input) => this.core.decide(this.state, input),
    fold: (recorded) => this.fold(recorded),
  };
  private state: unknown;
  private readonly queue: Input[] = [];
  private readonly byId = new Map<string, Input>();
  private readonly facts: RecordedCommit[] = [];
  private found: Divergence[] = [];
  private judged = 0;
  private answeredSeq: number;
  private lastSeq = 0;

  /** `createCore`: what runs the decisions again; the production core unless a test plants another. */
  constructor(from?: ReplayRecord, createCore: typeof createProgramCore = createProgramCore) {
    this.core = createCore() as unknown as ProgramCore; // the state stays opaque here
    this.state = from === undefined ? this.core.initial() : from.state;
    this.judged = from?.decisions ?? 0;
    this.answeredSeq = from?.answeredSeq ?? 0;
  }

  /** Decisions (made or refused) that were run again so far. */
  get decisions(): number {
    return this.judged;
  }

  /** Takes the partition's next commit; the divergences it brought to light. */
  push(stored: RecordedCommit): readonly Divergence[] {
    const { aggregate, causation, commitId } = stored.commit;
    this.lastSeq = stored.seq;
    if (aggregate.context === 'strategy') {
      if (stored.seq <= this.answeredSeq) return [];
      if (causation.seq === 0n) this.facts.push(stored);
      else this.answer(stored);
    } else if (hears('strategy', stored.commit)) {
      const input = { stored, answers: [] };
      this.queue.push(input);
      this.byId.set(commitId, input);
    }
    return this.taken();
  }

  private answer(answer: RecordedCommit): void {
    const { commitId, causation } = answer.commit;
    const input = this.byId.get(causation.commitId);
    if (input === undefined) {
      const message = `answers ${causation.commitId}, which is not on record before it`;
      this.found.push({ seq: answer.seq, commitId, message });
      return;
    }
    while (this.queue[0] !== undefined && this.queue[0] !== input) this.judgeNext();
    input.answers.push(answer);
  }

  /** Judges what is left up to the last recorded answer; inputs after it may not have been reached by the service. */
  finish(): readonly Divergence[] {
    while (this.queue.some(({ answers }) => answers.length > 0)) this.judgeNext();
    return this.taken();
  }

  private taken(): readonly Divergence[] {
    const found = this.found;
    this.found = [];
    return found;
  }

  /** Where it stands; pushing the rest of the journal into a replay made from this gives the same findings. */
  record(): ReplayRecord {
    const fromSeq = Math.min(
      this.queue[0]?.stored.seq ?? this.lastSeq + 1,
      this.facts[0]?.seq ?? this.lastSeq + 1,
    );
    const state: unknown = JSON.parse(JSON.stringify(this.state));
    return { state, fromSeq, answeredSeq: this.answeredSeq, decisions: this.judged };
  }

  private judgeNext(): void {
    const input = this.queue.shift();
    if (input === undefined) return;
    const { stored, answers } = input;
    this.byId.delete(stored.commit.commitId);
    this.foldFactsBefore(answers[0]?.seq ?? stored.seq);
    this.judged += answers.filter(isDecision).length;
    this.compareAnswer(stored, answers);
    const last = answers[answers.length - 1];
    if (last !== undefined) this.answeredSeq = Math.max(this.answeredSeq, last.seq);
  }

  /** Facts that the host found out for itself, where the journal has them. */
  private foldFactsBefore(seq: number): void {
    for (let fact = this.facts[0]; fact !== undefined && fact.seq < seq; fact = this.facts[0]) {
      this.state = this.core.evolve(this.state, viewOf(fact.commit));
      this.answeredSeq = Math.max(this.answeredSeq, fact.seq);
      this.facts.shift();
    }
  }

  private compareAnswer(stored: RecordedCommit, expected: readonly RecordedCommit[]): void {
    const input: CoreInput = { kind: 'commit', commit: viewOf(stored.commit, stored.refusals) };
    const settling = take(this.deciding, input);
    let answered = 0;
    for (let turn = settling.next(); turn.done !== true;) {
      if (turn.value.kind === 'perform') {
        turn = settling.next();
        continue;
      }
      const { made, position } = turn.value;
      const recorded = expected[position];
      const id = commitIdOf(made.aggregate, stored.commit.commitId, position);
      if (recorded === undefined) {
        const message = `${typesOf(made.events)} follows from this input, but is not on record`;
        this.found.push({ seq: stored.seq, commitId: id, message });
        return;
      }
      const difference = differenceOf(made, id, recorded);
      if (difference !== undefined)
        this.found.push({ seq: recorded.seq, commitId: recorded.commit.commitId, message: difference });
      answered = position + 1;
      turn = settling.next({ recorded, seq: recorded.seq });
    }
    for (const record of expected.slice(answered)) {
      const message = `${recordedTypes(record)} does not follow from the recorded input ${stored.seq}`;
      this.found.push({ seq: record.seq, commitId: record.commit.commitId, message });
      this.fold(record);
    }
  }

  private fold(record: RecordedCommit): void {
    this.state = this.core.evolve(this.state, viewOf(record.commit));
  }
}

function differenceOf(made: CommitDraft, id: string, record: RecordedCommit): string | undefined {
  if (id !== record.commit.commitId) return `id ${record.commit.commitId} on record, ${id} when run again`;
  if (typesOf(made.events) !== recordedTypes(record))
    return `${recordedTypes(record)} on record, ${typesOf(made.events)} when run again`;
  for (const [index, { event }] of record.commit.events.entries()) {
    const again = made.events[index];
    if (again === undefined) return 'fewer events when run again';
    if (sameBytes(encodePayload(event), encodePayload(again))) continue;
    const field = firstDifference(event.payload, again.payload, event.type);
    return `run again, it differs${field === undefined ? '' : ` first in ${field}`}`;
  }
  return undefined;
}

const typesOf = (events: CommitDraft['events']): string => events.map(({ type }) => type).join('+');
const recordedTypes = ({ commit }: RecordedCommit): string =>
  typesOf(commit.events.map(({ event }) => event));

const isDecision = ({ commit }: RecordedCommit): boolean =>
  commit.events.some(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined');

/** Path and values of the first difference between two plain values. */
function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path}: ${String(a)} on record, ${String(b)} run again`;
  const left = new Map(Object.entries(a));
  const right = new Map(Object.entries(b));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const found = firstDifference(left.get(key), right.get(key), `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
