import { commitIdOf, decodeState, encodeState } from '@evenkeel/eventing';
import { takeIn } from '@evenkeel/facts';
import type { CommitDraft, Core, CoreInput, DomainEvent, EventType } from '@evenkeel/facts';
import { EvenkeelError, fromHex, required, toHex } from '@evenkeel/kernel';
import { differenceOf, eventsIn, typesOf } from './recorded-commit';
import type { Divergence, Recorded } from './recorded-commit';
import { ReplayCounts } from './replay-counts';
import type { ReplayCount } from './replay-counts';
import { settle } from './settle';
import type { Deciding } from './settle';
import { hears } from './topology';
import type { CoreContext } from './topology';

/** Where a replay stands, as plain JSON: enough to go on later. */
export interface ReplayRecord {
  /** State of the core after what was judged, as `encodeState` has it, hex. */
  readonly state: string;
  /** Commits from this sequence on are to be pushed again. */
  readonly fromSeq: number;
  /** Answers up to this sequence have been judged already. */
  readonly answeredSeq: number;
  readonly counts: readonly ReplayCount[];
  /** Books that a release before wrote of. */
  readonly older: readonly string[];
}

/** What the journal leaves open about one core's inputs, and how that is dealt with. */
export interface ReplayRules<State> {
  readonly context: CoreContext;
  readonly createCore: () => Core<State, unknown>;
  /** Said by nothing but the core itself, so it follows from an input. */
  readonly ownWords: readonly EventType[];
  /** An input that stands on no journal, as what the core said to it tells; why it cannot be told where it is a text. */
  inputOf?(answers: readonly Recorded[], state: State): CoreInput | string;
  /** Puts back what the record says of the market and the time when an input was taken in. */
  recall?(state: State, input: Recorded | undefined, answers: readonly Recorded[]): void;
  /** What hangs on inputs that a release before did not write. */
  readonly olderTypes?: readonly EventType[];
  /** True where a release before wrote an input or an answer, which said less than its core was told. */
  isOlder?(commit: Recorded): boolean;
  /** Why nobody can tell from the journal alone whether an event had to follow; undefined where one can. */
  notOnRecord?(event: DomainEvent, state: State): string | undefined;
  /** What was made again with what stands on no journal taken from the record; undefined where nothing of it is missing. */
  given?(made: DomainEvent, recorded: DomainEvent, state: State): Given | undefined;
}

/** An event that was made again but for some of its parts, and why not those. */
export interface Given {
  readonly event: DomainEvent;
  /** Empty where nothing of it is missing: what was taken says the same by another name. */
  readonly why: string;
}

/** What running a commit again came to; both empty where it came out the same. */
export interface Outcome {
  readonly notRunAgain: string;
  readonly difference: string;
}

interface Input {
  /** Undefined of what came by no journal: a market's instant, a venue's word. */
  readonly stored: Recorded | undefined;
  /** Commit id of what the core took in. */
  readonly cause: string;
  readonly answers: Recorded[];
}

const OLDER_RELEASE = 'a release before wrote it, whose snapshots do not say what they follow from';

/** What hosts and people put on record of their own accord comes by these. */
const FACTS: ReadonlySet<string> = new Set(['boot', 'host', 'operator']);

/**
 * Runs one core of one partition again, commit by commit in the order of the journal, and compares what it says, value
 * for value, with what is recorded. An input is judged once a later one was answered: a core answers in order, so nothing more can
 * come for it. What was recorded is folded, so one divergence does not hide the next. Memory is bounded by the inputs between
 * two answers.
 */
export class CoreReplay<State = unknown> {
  private readonly core: Core<State, unknown>;
  private readonly deciding: Deciding<CoreInput, CommitDraft, unknown, Recorded> = {
    observe: (input) => void (this.state = takeIn(this.core, this.state, input)),
    decide: (input) => this.decide(input),
    fold: (recorded) => void (this.state = this.core.evolve(this.state, recorded.view)),
  };
  private state: State;
  private readonly queue: Input[] = [];
  private readonly byCause = new Map<string, Input>();
  private readonly facts: Recorded[] = [];
  private readonly tally: ReplayCounts;
  /** Answers to the input at hand that nothing was made for yet. */
  private left: readonly Recorded[] = [];
  private found: Divergence[] = [];
  private readonly fromSeq: number;
  private answeredSeq: number;
  private lastSeq = 0;
  private readonly older: Set<string>;
  private broken = false;

  constructor(
    private readonly rules: ReplayRules<State>,
    from?: ReplayRecord,
    /** Told of every commit of the core's own, as it is judged: what differs, or why it could not be run again. */
    private readonly judged: (recorded: Recorded, outcome: Outcome) => void = () => undefined,
  ) {
    this.core = rules.createCore();
    this.state =
      from === undefined
        ? this.core.initial()
        : (decodeState(required(fromHex(from.state), 'a state in hex')) as State); // as `record` wrote it
    this.fromSeq = from?.fromSeq ?? 0;
    this.answeredSeq = from?.answeredSeq ?? 0;
    this.tally = new ReplayCounts(from?.counts);
    this.older = new Set(from?.older);
  }

  /** What was run again so far, and what was not. */
  get counts(): readonly ReplayCount[] {
    return this.tally.list;
  }

  /** Takes the partition's next commit; the divergences it brought to light. */
  push(recorded: Recorded): readonly Divergence[] {
    const { seq, commit } = recorded.stored;
    if (seq < this.fromSeq) return this.taken();
    this.lastSeq = seq;
    if (commit.aggregate.context === this.rules.context) {
      if (seq > this.answeredSeq) this.takeOwn(recorded);
    } else if (hears(this.rules.context, commit)) {
      const input = { stored: recorded, cause: commit.commitId, answers: [] };
      this.queue.push(input);
      this.byCause.set(keyOf(BigInt(seq), input.cause), input);
    }
    return this.taken();
  }

  private takeOwn(own: Recorded): void {
    const { stream } = own.stored.commit.causation;
    if (!FACTS.has(stream)) return this.answer(own);
    const word = eventsIn(own).find(({ type }) => this.rules.ownWords.includes(type));
    if (word !== undefined) this.differs(own, `${word.type} follows from no input: ${stream} cannot say it`);
    this.facts.push(own);
  }

  private answer(answer: Recorded): void {
    const { causation } = answer.stored.commit;
    const input = this.byCause.get(keyOf(causation.seq, causation.commitId)) ?? this.fromOutside(answer);
    if (input === undefined) {
      this.differs(answer, `answers ${causation.commitId}, which is not on record before it`);
      return;
    }
    while (this.queue[0] !== undefined && this.queue[0] !== input) this.judgeNext();
    input.answers.push(answer);
  }

  /** An input that only its answer tells of takes its place behind what its author had taken in before. */
  private fromOutside(answer: Recorded): Input | undefined {
    const { causation } = answer.stored.commit;
    if (this.rules.inputOf === undefined || !isOutside(causation.stream)) return undefined;
    const input: Input = { stored: undefined, cause: causation.commitId, answers: [] };
    const place = this.queue.findIndex(
      ({ stored }) => stored !== undefined && !wasTakenBefore(stored, answer),
    );
    this.queue.splice(place < 0 ? this.queue.length : place, 0, input);
    this.byCause.set(keyOf(causation.seq, input.cause), input);
    return input;
  }

  /**
   * Judges what is left up to the last recorded answer. Inputs after it may not have been reached by the service, and the input of that
   * answer may have more to come: a process that dies between two answers leaves it so, and another goes on there.
   */
  finish(): readonly Divergence[] {
    for (let answered = this.answeredInputs(); answered > 0; answered = this.answeredInputs()) {
      const isLast = answered === 1 && this.queue[0]?.answers.length !== 0;
      this.judgeNext(isLast);
    }
    return this.taken();
  }

  private answeredInputs(): number {
    return this.queue.filter(({ answers }) => answers.length > 0).length;
  }

  private taken(): readonly Divergence[] {
    const { found } = this;
    if (found.length > 0) this.found = [];
    return found;
  }

  /** Where it stands; pushing the rest of the journal into a replay made from this gives the same findings. */
  record(): ReplayRecord {
    let fromSeq = Math.min(this.lastSeq + 1, this.facts[0]?.stored.seq ?? Number.MAX_SAFE_INTEGER);
    for (const { stored, answers } of this.queue)
      fromSeq = Math.min(fromSeq, stored?.stored.seq ?? answers[0]?.stored.seq ?? fromSeq);
    const state = toHex(encodeState(this.state));
    return { state, fromSeq, answeredSeq: this.answeredSeq, counts: this.counts, older: [...this.older] };
  }

  private judgeNext(mayGoOn = false): void {
    const input = this.queue.shift();
    if (input === undefined) return;
    const { stored, cause, answers } = input;
    const first = required(answers[0] ?? stored, 'what is judged was put on record or answered');
    const seq = stored === undefined ? first.stored.commit.causation.seq : BigInt(stored.stored.seq);
    this.byCause.delete(keyOf(seq, cause));
    this.foldFactsBefore(first.stored.seq);
    this.attempt(first, () => this.compare(input, mayGoOn));
    const last = answers[answers.length - 1];
    if (last !== undefined) this.answeredSeq = Math.max(this.answeredSeq, last.stored.seq);
  }

  /** Facts that the host found out for itself, where the journal has them. */
  private foldFactsBefore(seq: number): void {
    for (let fact = this.facts[0]; fact !== undefined && fact.stored.seq < seq; fact = this.facts[0]) {
      const recorded = fact;
      this.facts.shift();
      this.answeredSeq = Math.max(this.answeredSeq, recorded.stored.seq);
      this.attempt(recorded, () => this.deciding.fold(recorded, recorded.stored.seq));
    }
  }

  /** A core that refuses what is on record is not asked again: nothing after that follows from what it knows. */
  private attempt(at: Recorded, work: () => void): void {
    if (this.broken) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof EvenkeelError)) throw error;
      this.broken = true;
      this.differs(at, `the core cannot be run on from here: ${error.message}`);
    }
  }

  /** What nobody can tell is left out, unless the record has it next. */
  private decide(input: CoreInput): ReturnType<Core<State, unknown>['decide']> {
    const step = this.core.decide(this.state, input);
    if (this.rules.notOnRecord === undefined || step.commits.length === 0) return step;
    const commits = step.commits.filter(
      ({ aggregate, events }) =>
        this.whyNotOnRecord(events) === undefined ||
        this.left.some(
          ({ stored: { commit }, view }) =>
            commit.aggregate.id === aggregate.id && typesOf(view.events) === typesOf(events),
        ),
    );
    return { ...step, commits };
  }

  private compare(input: Input, mayGoOn: boolean): void {
    const { stored, answers } = input;
    this.noteOlder(stored === undefined ? answers : [stored, ...answers]);
    this.rules.recall?.(this.state, stored, answers);
    const given: CoreInput | string =
      stored === undefined
        ? (this.rules.inputOf?.(answers, this.state) ?? 'no journal carries it')
        : { kind: 'commit', commit: stored.view };
    this.left = answers;
    if (typeof given === 'string') {
      for (const answer of answers) this.foldUnjudged(answer, given);
      return;
    }
    this.deciding.observe(given);
    while (this.settles(given, input, mayGoOn)) {
      const [next] = this.left;
      if (next === undefined) return;
      const why = this.whyNotOnRecord(next.view.events) ?? this.whyOlder(next);
      if (why === undefined)
        this.differs(
          next,
          `${typesOf(next.view.events)} does not follow from the recorded input ${stored?.stored.seq ?? input.cause}`,
        );
      this.foldUnjudged(next, why ?? '');
    }
  }

  /** Judges what follows now, one after the other; false where the record has less of it. */
  private settles(given: CoreInput, { stored, cause, answers }: Input, mayGoOn: boolean): boolean {
    const before = answers.length - this.left.length;
    const settling = settle(this.deciding, given);
    for (let task = settling.next(); task !== undefined;) {
      if (task.kind === 'perform') {
        task = settling.next();
        continue;
      }
      const { made, position } = task;
      const [recorded] = this.left;
      const commitId = commitIdOf(made.aggregate, cause, before + position);
      if (recorded === undefined) {
        if (mayGoOn) return false;
        const seq = stored?.stored.seq ?? answers[0]?.stored.seq ?? 0;
        const message = `${typesOf(made.events)} follows from this input, but is not on record`;
        this.found.push({
          context: this.rules.context,
          types: made.events.map(({ type }) => type),
          seq,
          commitId,
          message,
        });
        return false;
      }
      this.judge(made, commitId, recorded);
      this.left = this.left.slice(1);
      task = settling.next({ recorded, seq: recorded.stored.seq });
    }
    return true;
  }

  private judge(made: CommitDraft, id: string, recorded: Recorded): void {
    let difference = differenceOf(made, id, recorded);
    let why = '';
    if (difference !== undefined) {
      const given = this.withGiven(made, recorded);
      if (differenceOf(given.draft, id, recorded) === undefined) {
        difference = undefined;
        why = given.why;
      }
    }
    if (difference !== undefined) this.differs(recorded, difference);
    this.tally.add(recorded.view.events, why);
    this.judged(recorded, { notRunAgain: why, difference: difference ?? '' });
  }

  private withGiven(
    made: CommitDraft,
    recorded: Recorded,
  ): { readonly draft: CommitDraft; readonly why: string } {
    const { events: written } = recorded.view;
    const older = this.whyOlder(recorded);
    if (older !== undefined && typesOf(made.events) === typesOf(written))
      return { draft: { ...made, events: written }, why: older };
    let why = '';
    const events = made.events.map((event, index) => {
      const one = written[index];
      const given = one && this.rules.given?.(event, one, this.state);
      if (given === undefined) return event;
      why = given.why;
      return given.event;
    });
    return { draft: { ...made, events }, why };
  }

  private noteOlder(commits: readonly Recorded[]): void {
    for (const one of commits) if (this.rules.isOlder?.(one) === true) this.older.add(one.view.book);
  }

  /** Of what nothing but inputs of a release before could say whether it follows. */
  private whyOlder({ view }: Recorded): string | undefined {
    const known = this.rules.olderTypes?.some((type) => view.events.some((event) => event.type === type));
    return known === true && this.older.has(view.book) ? OLDER_RELEASE : undefined;
  }

  private whyNotOnRecord(events: readonly DomainEvent[]): string | undefined {
    const whys = events.map((event) => this.rules.notOnRecord?.(event, this.state));
    return whys.includes(undefined) ? undefined : whys[0];
  }

  private differs({ stored, view }: Recorded, message: string): void {
    const { seq, commit } = stored;
    const types = view.events.map(({ type }) => type);
    this.found.push({ context: this.rules.context, types, seq, commitId: commit.commitId, message });
  }

  private foldUnjudged(recorded: Recorded, why: string): void {
    this.left = this.left.slice(1);
    this.tally.add(recorded.view.events, why);
    this.judged(recorded, { notRunAgain: why, difference: why === '' ? 'it does not follow' : '' });
    this.deciding.fold(recorded, recorded.stored.seq);
  }
}

/** A person may say two things under one id; their places differ. */
function keyOf(seq: bigint, commitId: string): string {
  return `${seq}/${commitId}`;
}

/** Whether an input had had its whole effect before what an answer is to, which came by no journal. */
function wasTakenBefore(input: Recorded, { stored: { commit, seq } }: Recorded): boolean {
  if (commit.taken !== undefined) return input.stored.seq <= commit.taken.journalSeq;
  if (commit.causation.stream === 'venue') return input.stored.seq < seq;
  // The market of a time comes first, and then what was committed at it.
  return input.stored.commit.clock.eventTime < commit.clock.eventTime;
}

function isOutside(stream: string): boolean {
  return stream === 'venue' || stream.startsWith('EK_MARKET');
}
