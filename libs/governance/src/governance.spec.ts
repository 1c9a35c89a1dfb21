import { canonicalJson, required, utf8 } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import fc from 'fast-check';
import { SIGNATURE_TYPE, formatNote, formatVerifierKey } from '@evenkeel/audit';
import { fixtureKey } from '../../audit/src/testing/bundle.test-support';
import { contentHashOf } from './approval';
import type { GovernanceCommand } from './commands';
import { decideGovernance, proposalIdOf } from './decide';
import type { ChangeKind, Enrolment, Evidence, GovernanceEvent, Role } from './events';
import { evolveGovernance } from './evolve';
import { approvalFor, approversOf, contentInForce, openProposals } from './queries';
import { initialGovernance } from './state';
import type { GovernanceState } from './state';
import { statementHash, statementText } from './statement';
import type { Statement, StatementVerb } from './statement';

const T0 = '2026-01-05T09:00:00Z';
const LATER = '2026-01-05T09:30:00Z';
const POLICY = canonicalJson({ band: '0.05', kind: 'delta-band' });

const PEOPLE: Readonly<Record<string, readonly Role[]>> = {
  tom: ['trader'],
  tina: ['trader'],
  rita: ['risk-officer'],
  rob: ['risk-officer'],
  ada: ['administrator'],
  abe: ['administrator'],
  vic: ['viewer'],
  aud: ['auditor'],
};

const keyOf = (name: string): ReturnType<typeof fixtureKey> => fixtureKey(name, SIGNATURE_TYPE.ed25519);
const enrol = (identity: string, roles: readonly Role[]): Enrolment => ({
  identity,
  roles,
  credentials: [
    { key: formatVerifierKey(keyOf(identity).key) },
    { issuer: 'https://id.example', subject: `sub-${identity}` },
  ],
});
const enrolments = Object.entries(PEOPLE).map(([name, roles]) => enrol(name, roles));

function signedBy(signer: string, statement: Statement): Evidence {
  const { key, sign } = keyOf(signer);
  const text = statementText(statement);
  return {
    method: 'note',
    note: formatNote({
      text,
      signatures: [{ name: key.name, keyId: key.keyId, signature: sign(utf8(text)) }],
    }),
  };
}

interface Ask {
  readonly kind?: ChangeKind;
  readonly scope?: string;
  readonly content?: string;
  readonly at?: string;
  readonly expiresAt?: string;
  readonly signer?: string;
}

function proposeBy(by: string, ask: Ask = {}): Extract<GovernanceCommand, { type: 'ProposeChange' }> {
  const { kind = 'policy', scope = 'book-1', content = POLICY, at = T0 } = ask;
  const base = { type: 'ProposeChange', kind, scope, content, reason: 'calmer market', by, at } as const;
  const proposalId = proposalIdOf(base);
  const statement: Statement = {
    verb: 'propose',
    kind,
    scope,
    contentHash: contentHashOf(content),
    proposalId,
    by,
    at,
  };
  return {
    ...base,
    ...(ask.expiresAt === undefined ? {} : { expiresAt: ask.expiresAt }),
    evidence: signedBy(ask.signer ?? by, statement),
  };
}

function judgeBy(
  by: string,
  proposal: ReturnType<typeof proposeBy>,
  change: {
    verb?: Exclude<StatementVerb, 'propose'>;
    at?: string;
    contentHash?: string;
    signer?: string;
  } = {},
): GovernanceCommand {
  const { verb = 'approve', at = LATER, contentHash = contentHashOf(proposal.content) } = change;
  const proposalId = proposalIdOf(proposal);
  const statement: Statement = {
    verb,
    kind: proposal.kind,
    scope: proposal.scope,
    contentHash,
    proposalId,
    by,
    at,
  };
  const type = { approve: 'ApproveChange', reject: 'RejectChange', withdraw: 'WithdrawChange' } as const;
  return {
    type: type[verb],
    proposalId,
    contentHash,
    by,
    at,
    reason: '',
    evidence: signedBy(change.signer ?? by, statement),
  };
}

const opening: GovernanceCommand = { type: 'OpenGovernance', at: T0, enrolments };

/** Folds what each command leads to; a refusal leaves the state as it is. */
function after(...commands: readonly GovernanceCommand[]): GovernanceState {
  return commands.reduce((state, command) => {
    const decided = decideGovernance(state, command);
    return decided.ok ? decided.value.reduce(evolveGovernance, state) : state;
  }, initialGovernance());
}

const outcome = (result: Result<readonly GovernanceEvent[]>): string =>
  result.ok ? result.value.map((event) => event.type).join() : result.failure.code.replace('GOVERNANCE.', '');

describe('four eyes', () => {
  const proposal = proposeBy('tom');
  const given = after(opening, proposal);

  it('takes a proposal by one and an approval by another into effect, once', () => {
    const approved = after(opening, proposal, judgeBy('rita', proposal));
    expect(approvalFor(approved, 'policy', 'book-1', POLICY)).toMatchObject({
      ok: true,
      value: { approvedBy: 'rita' },
    });
    const apply = (commitId: string): GovernanceCommand => ({
      type: 'ApplyChange',
      proposalId: proposalIdOf(proposal),
      commitId,
      at: LATER,
    });
    const applied = after(opening, proposal, judgeBy('rita', proposal), apply('c1'));
    expect(contentInForce(applied, 'policy', 'book-1')).toBe(contentHashOf(POLICY));
    expect(outcome(decideGovernance(applied, apply('c1')))).toBe('');
    expect(outcome(decideGovernance(applied, apply('c2')))).toBe('ALREADY_APPLIED');
    expect(outcome(decideGovernance(given, apply('c1')))).toBe('NOT_APPROVED');
    expect(approvalFor(applied, 'policy', 'book-1', POLICY).ok).toBe(false);
  });

  it.each([
    ['their own', given, judgeBy('tom', proposal), 'OWN_PROPOSAL'],
    ['without the role', given, judgeBy('tina', proposal), 'NOT_PERMITTED'],
    ['an administrator', given, judgeBy('ada', proposal), 'NOT_PERMITTED'],
    ['an auditor', given, judgeBy('aud', proposal), 'NOT_PERMITTED'],
    ['a viewer', given, judgeBy('vic', proposal), 'NOT_PERMITTED'],
    ['a stranger', given, judgeBy('mallory', proposal), 'NOT_ENROLLED'],
    ['signed by another', given, judgeBy('rita', proposal, { signer: 'tom' }), 'EVIDENCE_INVALID'],
    [
      'another content',
      given,
      judgeBy('rita', proposal, { contentHash: contentHashOf('{}') }),
      'CONTENT_CHANGED',
    ],
    ['too late', given, judgeBy('rita', proposal, { at: '2026-01-06T09:00:00Z' }), 'PROPOSAL_EXPIRED'],
    ['dated before it', given, judgeBy('rita', proposal, { at: '2026-01-05T08:59:59Z' }), 'TIME_INVALID'],
    ['no time', given, judgeBy('rita', proposal, { at: 'noon' }), 'TIME_INVALID'],
    ['nothing proposed', after(opening), judgeBy('rita', proposal), 'PROPOSAL_UNKNOWN'],
    [
      'withdrawn',
      after(opening, proposal, judgeBy('tom', proposal, { verb: 'withdraw' })),
      judgeBy('rita', proposal),
      'PROPOSAL_CLOSED',
    ],
    [
      'rejected',
      after(opening, proposal, judgeBy('rob', proposal, { verb: 'reject' })),
      judgeBy('rita', proposal),
      'PROPOSAL_CLOSED',
    ],
    [
      'by another too',
      after(opening, proposal, judgeBy('rita', proposal)),
      judgeBy('rob', proposal),
      'PROPOSAL_CLOSED',
    ],
    ['before anyone is enrolled', initialGovernance(), judgeBy('rita', proposal), 'NOT_OPEN'],
  ])('refuses an approval: %s', (_, state, command, code) => {
    expect(outcome(decideGovernance(state, command))).toBe(code);
  });

  it('does not take an approval for a rejection: the verb is signed', () => {
    const command = judgeBy('rita', proposal, { verb: 'reject' });
    const turned = { ...command, type: 'ApproveChange' } as GovernanceCommand; // the forgery under test
    expect(outcome(decideGovernance(given, turned))).toBe('EVIDENCE_INVALID');
  });

  it('lets a risk officer propose but not approve the same change', () => {
    const own = proposeBy('rita');
    expect(outcome(decideGovernance(after(opening, own), judgeBy('rita', own)))).toBe('OWN_PROPOSAL');
    expect(outcome(decideGovernance(after(opening, own), judgeBy('rob', own)))).toBe('ChangeApproved');
  });

  it('sees one person behind two identities with one key', () => {
    const alias: Enrolment = {
      ...enrol('rita2', ['risk-officer']),
      credentials: enrol('rita2', []).credentials.slice(0, 1),
    };
    const shared: Enrolment = {
      ...alias,
      credentials: [{ issuer: 'https://id.example', subject: 'sub-rita' }, ...alias.credentials],
    };
    const state = after(
      { type: 'OpenGovernance', at: T0, enrolments: [...enrolments, shared] },
      proposeBy('rita'),
    );
    expect(outcome(decideGovernance(state, judgeBy('rita2', proposeBy('rita'))))).toBe('OWN_PROPOSAL');
  });

  it('refuses an approval of what was proposed against content no longer in force', () => {
    const other = proposeBy('tina', { content: canonicalJson({ band: '0.1', kind: 'delta-band' }) });
    const apply = (p: typeof other): GovernanceCommand => ({
      type: 'ApplyChange',
      proposalId: proposalIdOf(p),
      commitId: 'c',
      at: LATER,
    });
    const moved = after(opening, proposal, other, judgeBy('rita', other), apply(other));
    expect(outcome(decideGovernance(moved, judgeBy('rob', proposal)))).toBe('BASE_CHANGED');
    const both = after(
      opening,
      proposal,
      other,
      judgeBy('rita', proposal),
      judgeBy('rita', other),
      apply(other),
    );
    expect(outcome(decideGovernance(both, apply(proposal)))).toBe('BASE_CHANGED');
  });

  it.each([
    ['viewer', proposeBy('vic'), 'NOT_PERMITTED'],
    ['auditor', proposeBy('aud'), 'NOT_PERMITTED'],
    ['administrator', proposeBy('ada'), 'NOT_PERMITTED'],
    ['trader of limits', proposeBy('tom', { kind: 'limits' }), 'NOT_PERMITTED'],
    ['signed by another', proposeBy('tom', { signer: 'tina' }), 'EVIDENCE_INVALID'],
    ['content not canonical', proposeBy('tom', { content: '{"b":1, "a":2}' }), 'CONTENT_INVALID'],
    ['no content', proposeBy('tom', { content: 'not json' }), 'CONTENT_INVALID'],
    ['too long a life', proposeBy('tom', { expiresAt: '2026-01-13T09:00:00Z' }), 'EXPIRY_INVALID'],
    ['dead on arrival', proposeBy('tom', { expiresAt: T0 }), 'EXPIRY_INVALID'],
  ])('refuses a proposal: %s', (_, command, code) => {
    expect(outcome(decideGovernance(after(opening), command))).toBe(code);
  });

  it('expires what nobody judged or used, each once', () => {
    const at = '2026-01-06T09:00:00Z';
    const approved = proposeBy('tina', { scope: 'book-2' });
    const state = after(opening, proposal, approved, judgeBy('rita', approved));
    const decided = decideGovernance(state, { type: 'PassTime', at });
    expect(outcome(decided)).toBe('ChangeExpired,ChangeExpired');
    const done = after(opening, proposal, approved, judgeBy('rita', approved), { type: 'PassTime', at });
    expect(outcome(decideGovernance(done, { type: 'PassTime', at }))).toBe('');
    expect(openProposals(done)).toEqual([]);
    const kill = proposeBy('tom', { kind: 'kill-release', content: '{"scope":"firm"}', scope: 'firm' });
    const released = after(opening, kill);
    expect(outcome(decideGovernance(released, judgeBy('rita', kill, { at: '2026-01-05T10:00:00Z' })))).toBe(
      'PROPOSAL_EXPIRED',
    );
  });

  it('lists who waits for whom', () => {
    const waiting = required(openProposals(given)[0], 'a proposal');
    expect(approversOf(given, waiting).map((one) => one.identity)).toEqual(['rita', 'rob']);
  });
});

describe('identities', () => {
  const content = (list: readonly Enrolment[]): string => canonicalJson(list);
  const change = (list: readonly Enrolment[]): ReturnType<typeof proposeBy> =>
    proposeBy('ada', { kind: 'roles', scope: 'identities', content: content(list) });

  it('change by two administrators, and the change takes effect when applied', () => {
    const promoted = change([enrol('vic', ['risk-officer'])]);
    const apply: GovernanceCommand = {
      type: 'ApplyChange',
      proposalId: proposalIdOf(promoted),
      commitId: 'c',
      at: LATER,
    };
    const policy = proposeBy('tom');
    const before = after(opening, promoted, judgeBy('abe', promoted), policy);
    expect(outcome(decideGovernance(before, judgeBy('vic', policy)))).toBe('NOT_PERMITTED');
    const then = after(opening, promoted, judgeBy('abe', promoted), apply, policy);
    expect(outcome(decideGovernance(then, judgeBy('vic', policy)))).toBe('ChangeApproved');
  });

  it('never leave fewer than two administrators, and are well-formed', () => {
    expect(outcome(decideGovernance(after(opening), change([enrol('abe', ['viewer'])])))).toBe(
      'CONTENT_INVALID',
    );
    const junk = proposeBy('ada', {
      kind: 'roles',
      scope: 'identities',
      content: '[{"identity":"x","roles":["king"]}]',
    });
    expect(outcome(decideGovernance(after(opening), junk))).toBe('CONTENT_INVALID');
    const lonely = enrolments.filter((one) => one.identity !== 'abe');
    expect(outcome(decideGovernance(initialGovernance(), { ...opening, enrolments: lonely }))).toBe(
      'ENROLMENT_INVALID',
    );
    const doubled = [...enrolments, enrol('tom', ['viewer'])];
    expect(outcome(decideGovernance(initialGovernance(), { ...opening, enrolments: doubled }))).toBe(
      'ENROLMENT_INVALID',
    );
  });

  it('may prove themselves by a token of an enrolled provider, bound to the exact statement', () => {
    const issuer = 'https://id.example';
    const signer = keyOf('provider');
    const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
    const part = (value: object): string => base64url(utf8(JSON.stringify(value)));
    const tokenOf = (claims: object, by = signer): string => {
      const signed = `${part({ alg: 'EdDSA', kid: 'k1' })}.${part(claims)}`;
      return `${signed}.${base64url(by.sign(utf8(signed)))}`;
    };
    const jwk = canonicalJson({ kty: 'OKP', crv: 'Ed25519', kid: 'k1', x: base64url(signer.key.publicKey) });
    const provider: Enrolment = { identity: issuer, roles: [], credentials: [{ jwk, audience: 'evenkeel' }] };
    const proposal = proposeBy('tom');
    const opened = { ...opening, enrolments: [...enrolments, provider] } as GovernanceCommand; // a member of the union still
    const state = after(opened, proposal);
    const statement: Statement = {
      verb: 'approve',
      kind: 'policy',
      scope: 'book-1',
      contentHash: contentHashOf(POLICY),
      proposalId: proposalIdOf(proposal),
      by: 'rita',
      at: LATER,
    };
    const hash = statementHash(statement);
    const issued = Date.parse(LATER) / 1000 + 60;
    const claims = {
      iss: issuer,
      sub: 'sub-rita',
      aud: ['evenkeel'],
      nonce: hash,
      iat: issued,
      exp: issued + 300,
    };
    const judged = (token: string, over: object = {}, from = state): string =>
      outcome(
        decideGovernance(from, {
          ...judgeBy('rita', proposal),
          evidence: { method: 'token', issuer, subject: 'sub-rita', statementHash: hash, token, ...over },
        } as GovernanceCommand), // spreading a union loses which member it is
      );
    expect(judged(tokenOf(claims))).toBe('ChangeApproved');
    const other = statementHash({ ...statement, contentHash: contentHashOf('{}') });
    for (const token of [
      'x.y.z',
      '',
      tokenOf(claims, keyOf('stranger')),
      tokenOf({ ...claims, nonce: other }),
      tokenOf({ ...claims, sub: 'sub-rob' }),
      tokenOf({ ...claims, iss: 'https://other.example' }),
      tokenOf({ ...claims, aud: 'somebody-else' }),
      tokenOf({ ...claims, iat: issued - 86_400 }),
      `${tokenOf(claims)}x`,
    ])
      expect(judged(token)).toBe('EVIDENCE_INVALID');
    expect(judged(tokenOf(claims), { subject: 'sub-rob' })).toBe('EVIDENCE_INVALID');
    // With no provider enrolled, or after its key was withdrawn, the same token shows nothing.
    expect(judged(tokenOf(claims), {}, after(opening, proposal))).toBe('EVIDENCE_INVALID');
  });
});

describe('any sequence of commands (property)', () => {
  const names = Object.keys(PEOPLE);
  const contents = [POLICY, '{"band":"0.2"}'];
  const commandOf = (pick: readonly [number, number, number, number]): GovernanceCommand => {
    const [what, who, other, which] = pick;
    const by = required(names[who % names.length], 'a name');
    const proposal = proposeBy(required(names[other % names.length], 'a name'), {
      content: required(contents[which % 2], 'content'),
    });
    if (what === 0) return proposal;
    if (what === 1) return judgeBy(by, proposal);
    if (what === 2) return judgeBy(by, proposal, { verb: 'reject' });
    if (what === 3) return judgeBy(by, proposal, { verb: 'withdraw' });
    if (what === 4)
      return { type: 'ApplyChange', proposalId: proposalIdOf(proposal), commitId: `c${which}`, at: LATER };
    return { type: 'PassTime', at: which % 3 === 0 ? '2026-01-07T00:00:00Z' : LATER };
  };
  const anyCommand = fc.tuple(fc.nat(5), fc.nat(7), fc.nat(7), fc.nat(5));

  it('applies nothing that two different people did not agree on, and decides nothing twice', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 14 }), (picks) => {
        let state = after(opening);
        const history: GovernanceEvent[] = [];
        for (const command of picks.map(commandOf)) {
          const decided = decideGovernance(state, command);
          if (!decided.ok) continue;
          state = decided.value.reduce(evolveGovernance, state);
          history.push(...decided.value);
          const again = decideGovernance(state, command);
          if (again.ok) expect(again.value).toEqual([]);
        }
        for (const event of history) {
          if (event.type !== 'ChangeApplied') continue;
          const proposed = history.find(
            (one) => one.type === 'ChangeProposed' && one.proposalId === event.proposalId,
          );
          const approved = history.filter(
            (one) => one.type === 'ChangeApproved' && one.proposalId === event.proposalId,
          );
          const [approval] = approved;
          if (proposed?.type !== 'ChangeProposed' || approval?.type !== 'ChangeApproved')
            throw new Error('not four eyes');
          expect(approved).toHaveLength(1);
          expect(approval.approvedBy).not.toBe(proposed.proposedBy);
          expect(PEOPLE[approval.approvedBy]).toContain('risk-officer');
        }
      }),
      { seed: 4, numRuns: process.env['EK_SOAK'] === '1' ? 2000 : 60 },
    );
  });
});
