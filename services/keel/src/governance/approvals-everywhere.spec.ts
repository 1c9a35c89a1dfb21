import { sealCommit } from '@evenkeel/contracts';
import { GovernanceJournal, useApprovedControl } from '@evenkeel/desk';
import { Heads, envelopeOf, governanceRecord, originOf } from '@evenkeel/engine';
import { viewOf } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import { takeIn } from '@evenkeel/facts';
import type { DomainEvent } from '@evenkeel/facts';
import { controlContent, useIdOf } from '@evenkeel/governance';
import type { ControlCommand, GovernedChange } from '@evenkeel/governance';
import { canonicalJson, formatInstant, parseDuration, parseInstant, uuidV5 } from '@evenkeel/kernel';
import { checkApprovals } from '@evenkeel/reconstruction';
import { GovernedAuditor, InlineAuditor } from '@evenkeel/verification';
import { DESK, statementsOf } from '../../../../libs/governance/src/people.test-support';
import type { Change, Statements } from '../../../../libs/governance/src/people.test-support';

const BOOK = 'desk';
const at = (minutes: number): string =>
  formatInstant(parseInstant('2026-07-01T10:00:00Z') + BigInt(minutes) * parseDuration('PT1M'));
const LIMITS = canonicalJson({
  maxOrderQuantity: [],
  maxGrossNotionalUsd: '5',
  priceCollarBps: '50',
  maxOrdersPerMinute: 3,
});
const RESET = { kind: 'throttle-reset', instrument: 'X@binance' } as const;
const WANTED: Readonly<Record<'override' | 'limits', GovernedChange>> = {
  override: { kind: 'override', scope: BOOK, content: controlContent(RESET as ControlCommand) },
  limits: { kind: 'limits', scope: BOOK, content: LIMITS },
};

/** What stands on a journal, each fact with the minute of the journal at which it was written. */
type Written = readonly (readonly [minute: number, event: DomainEvent])[];

interface Case {
  readonly name: string;
  /** Why it does not count; undefined for the one that does. */
  readonly problem: string | undefined;
  readonly written: (wanted: GovernedChange) => { readonly said: Statements; readonly facts: Written };
}

const said = (wanted: GovernedChange, over: Partial<Change> = {}): Statements =>
  statementsOf({
    ...wanted,
    by: 'rita',
    approver: 'ruth',
    proposedAt: at(0),
    approvedAt: at(10),
    expiresAt: at(60),
    ...over,
  });
const facts = ({ proposed, approved }: Statements, approvedAt = 10): Written => [
  [0, { type: 'ChangeProposed', payload: proposed }],
  [approvedAt, { type: 'ChangeApproved', payload: approved }],
];
const plain =
  (over: Partial<Change>): Case['written'] =>
  (wanted) => {
    const statements = said(wanted, over);
    return { said: statements, facts: facts(statements) };
  };
const removal = (identity: string): Written => {
  const content = canonicalJson([{ identity, roles: [], credentials: [] }]);
  const change = { kind: 'roles', scope: 'identities', content, by: 'ada', approver: 'ben' } as const;
  const statements = statementsOf({ ...change, proposedAt: at(-20), approvedAt: at(-19) });
  return [
    [-20, { type: 'ChangeProposed', payload: statements.proposed }],
    [-19, { type: 'ChangeApproved', payload: statements.approved }],
  ];
};

const CASES: readonly Case[] = [
  { name: 'good', problem: undefined, written: plain({}) },
  {
    name: 'used before',
    problem: 'REUSED',
    written: (wanted) => {
      const statements = said(wanted);
      const again: Written = [[12, { type: 'ChangeApproved', payload: statements.approved }]];
      const { proposalId } = statements.proposed;
      const applied = { proposalId, commitId: uuidV5('something else'), at: at(11) };
      const used: Written =
        wanted.kind === 'limits' ? again : [[11, { type: 'ChangeApplied', payload: applied }]];
      return { said: statements, facts: [...facts(statements), ...used] };
    },
  },
  {
    name: 'expired by the time of the journal',
    problem: 'EXPIRED',
    written: (wanted) => {
      const statements = said(wanted, { approvedAt: at(61) });
      return { said: statements, facts: facts(statements, 61) };
    },
  },
  {
    name: 'dated back',
    problem: 'TIME_DIFFERS',
    written: (wanted) => ({ said: said(wanted), facts: facts(said(wanted), 61) }),
  },
  {
    name: 'dated ahead',
    problem: 'TIME_DIFFERS',
    written: (wanted) => ({ said: said(wanted), facts: facts(said(wanted), 4) }),
  },
  {
    name: 'unsigned',
    problem: 'UNSIGNED',
    written: (wanted) => {
      const { proposed, approved } = said(wanted);
      const unsigned = { proposed, approved: { ...approved, evidence: { method: 'note', note: '' } } };
      return { said: unsigned, facts: facts(unsigned) };
    },
  },
  { name: 'by another key', problem: 'UNSIGNED', written: plain({ signer: 'tess' }) },
  { name: 'by nobody enrolled', problem: 'NOT_ENROLLED', written: plain({ approver: 'zoe' }) },
  {
    name: 'by somebody removed before',
    problem: 'NOT_ENROLLED',
    written: (wanted) => {
      const statements = said(wanted);
      return { said: statements, facts: [...removal('ruth'), ...facts(statements)] };
    },
  },
  { name: 'by who proposed it', problem: 'SAME_PERSON', written: plain({ approver: 'rita' }) },
  {
    name: 'of other content',
    problem: 'OTHER_CONTENT',
    written: (wanted) => {
      const { proposed } = said(wanted);
      const { approved } = said({ ...wanted, content: '{}' });
      const other = { proposed, approved: { ...approved, proposalId: proposed.proposalId } };
      return { said: other, facts: facts(other) };
    },
  },
  {
    name: 'for another scope',
    problem: 'OTHER_CHANGE',
    written: (wanted) => {
      const { proposed } = said(wanted);
      const { approved } = said({ ...wanted, scope: 'elsewhere' });
      const other = { proposed, approved: { ...approved, proposalId: proposed.proposalId } };
      return { said: other, facts: facts(other) };
    },
  },
];

/** A journal of what people said, after the roster, as commits with their bytes. */
function journalOf(written: Written): StoredCommit[] {
  const heads = new Heads();
  const opened: Written = [[-60, { type: 'GovernanceOpened', payload: { at: at(-60), enrolments: DESK } }]];
  return [...opened, ...written].map(([minute, event], index) => {
    const effect = event.type === 'ThrottleReset' || event.type === 'LimitsSet';
    const aggregate = effect
      ? ({ context: 'execution', type: 'controls', id: BOOK } as const)
      : ({ context: 'governance', type: 'changes', id: BOOK } as const);
    const time = parseInstant(at(minute));
    const draft = {
      aggregate,
      book: BOOK,
      eventTime: at(minute),
      actor: { kind: 'human', id: 'x' },
      events: [event],
    } as const;
    const sealed = sealCommit(
      envelopeOf(draft, {
        epoch: '1',
        producer: { service: 'keel', version: 'test', gitSha: 'test', kernelHash: '' },
        clock: { receivedTime: time, decidedTime: time, source: 'system', maxErrorNs: 0n },
        origin: originOf('operator', uuidV5(`${index}`)),
        index: 0,
        head: heads.of(aggregate),
      }),
    );
    heads.note(sealed, index + 1);
    return { ...sealed, seq: index + 1, subject: '' };
  });
}

const approvalOf = ({ proposed, approved }: Statements) => {
  const { proposalId, contentHash, proposedBy } = proposed;
  return { proposalId, contentHash, proposedBy, approvedBy: approved.approvedBy };
};

/** Whether the desk lets the approval be used now. */
async function desk({ written }: Case): Promise<boolean> {
  const { said: statements, facts: onJournal } = written(WANTED.override);
  const commits = journalOf(onJournal).map(({ commit }) => commit);
  const never = () => Promise.reject(new Error('the roster is on record'));
  const journal = {
    peoplesCommits: () => Promise.resolve(commits),
    bookCommits: never,
    books: never,
    silentServices: never,
    record: () => Promise.resolve(),
  };
  const store = new GovernanceJournal({ journal, opening: () => undefined });
  const options = {
    required: () => Promise.resolve('loosening'),
    withStore: (work: (s: typeof store) => Promise<never>) => work(store),
    now: () => at(20),
  } as const;
  return useApprovedControl(options as never, BOOK, RESET, statements.proposed.proposalId).then(
    (used) => used === statements.proposed.proposalId,
    () => false,
  );
}

/** What execution is told when a command names the approval. */
function execution({ written }: Case): string | undefined {
  const { said: statements, facts: onJournal } = written(WANTED.override);
  const record = governanceRecord();
  for (const { commit } of journalOf(onJournal)) record.take(commit);
  const found = record.approvalFor(WANTED.override, statements.proposed.proposalId, parseInstant(at(20)));
  return typeof found === 'string' ? found : undefined;
}

/** What the order core says to each approval of limits. */
function core({ written }: Case): readonly unknown[] {
  const orders = createOrderCore();
  let state = orders.initial();
  const opened: DomainEvent = {
    type: 'VenueAccountOpened',
    payload: {
      book: BOOK,
      venue: 'binance',
      at: at(-70),
      specifications: [],
      limits: JSON.parse(LIMITS) as never,
      limitsVersion: 'v',
    },
  };
  const aggregate = { context: 'execution', type: 'venue-account', id: `binance/${BOOK}` } as const;
  const view = {
    commitId: 'c',
    aggregate,
    book: BOOK,
    eventTime: at(-70),
    correlationId: 'c',
    events: [opened],
  };
  state = orders.evolve(state, view);
  const record = governanceRecord();
  const answers: unknown[] = [];
  for (const stored of journalOf(written(WANTED.limits).facts)) {
    const { commit, refusals } = record.judged(stored);
    const input = { kind: 'commit', commit: viewOf(commit, refusals) } as const;
    state = takeIn(orders, state, input);
    for (
      let step = orders.decide(state, input);
      step.commits.length > 0;
      step = orders.decide(state, input)
    ) {
      for (const { aggregate: of, events, eventTime } of step.commits) {
        answers.push(
          ...events.map((event) => ('reasons' in event.payload ? event.payload.reasons : event.type)),
        );
        state = orders.evolve(state, { ...view, aggregate: of, eventTime, events });
      }
    }
  }
  return answers;
}

/** The journal with what the approval was used for, as a compromised execution would write it. */
function withEffect({ written }: Case): StoredCommit[] {
  const { said: statements, facts: onJournal } = written(WANTED.override);
  const { proposed } = statements;
  const use = { proposalId: proposed.proposalId, commitId: useIdOf(proposed), at: at(62) };
  const reset: DomainEvent = {
    type: 'ThrottleReset',
    payload: {
      book: BOOK,
      instrument: 'X@binance',
      by: 'x',
      reason: 'r',
      at: at(62),
      approval: approvalOf(statements),
    },
  };
  const twice: Written = [
    [62, reset],
    [62, reset],
  ];
  const used: Written = [
    [20, { type: 'ChangeApplied', payload: { ...use, at: at(20) } }],
    [62, reset],
  ];
  return journalOf([
    ...onJournal,
    ...(onJournal.some(([, { type }]) => type === 'ChangeApplied') ? twice : used),
  ]);
}

async function auditVerify(one: Case): Promise<readonly string[]> {
  const auditor = new GovernedAuditor(new InlineAuditor());
  for (const { commit, seq, bytes, hash } of withEffect(one))
    await auditor.push({ epoch: '1', seq, commit, bytes, hash });
  return (await auditor.finish()).findings.map(({ code }) => code);
}

function bundle(one: Case): readonly string[] {
  const commits = withEffect(one).map(({ seq, bytes, hash }, index) => ({
    epoch: '1',
    seq,
    bytes,
    hash,
    index,
  }));
  return checkApprovals(commits as never) // what it reads of a bundle's commits
    .filter(({ outcome }) => outcome === 'broken')
    .map(({ code }) => code);
}

describe('an approval', () => {
  it.each(CASES)('$name: the same everywhere', async (one) => {
    const { problem } = one;
    expect(await desk(one)).toBe(problem === undefined);
    expect(execution(one)).toBe(problem);
    const answers = core(one);
    if (problem === undefined) expect(answers).toEqual(['LimitsSet']);
    else if (one.name === 'used before') expect(answers).toEqual(['LimitsSet', ['REUSED']]);
    // What is about another book is none of this one's business.
    else expect(answers).toEqual(problem === 'OTHER_CHANGE' ? [] : [[problem]]);
    const [verified, shown] = [await auditVerify(one), bundle(one)];
    if (problem === undefined) expect([verified, shown]).toEqual([[], []]);
    else {
      expect(verified).toContain(`GOVERNANCE.${problem}`);
      expect(shown).toContain(`GOVERNANCE.${problem}`);
    }
  });
});
