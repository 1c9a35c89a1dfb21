import { required } from '@evenkeel/kernel';
import { fixtureKey } from '../testing/bundle.test-support';
import { parseTlogPolicy } from './tlog-policy';
import type { TlogPolicy } from './tlog-policy';
import { SIGNATURE_TYPE, formatVerifierKey } from './verifier-key';
import type { VerifierKey } from './verifier-key';
import { describeQuorum, quorumMet } from './witness-quorum';

const witness = (name: string): VerifierKey => fixtureKey(name, SIGNATURE_TYPE.cosignatureV1).key;
const line = (name: string): string => `witness ${name} ${formatVerifierKey(witness(name))}`;
const LOG = formatVerifierKey(fixtureKey('log.example', SIGNATURE_TYPE.ed25519).key);

/** The example of the specification: two of the X and one of the Y. */
const EXAMPLE = [
  '# whom we believe',
  `log ${LOG} https://log.example/`,
  ...['X1', 'X2', 'X3'].map(line),
  '  group X-witnesses 2 X1 X2\tX3 ',
  ...['Y1', 'Y2', 'Y3'].map(line),
  'group Y-witnesses any Y1 Y2 Y3',
  '',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
  '',
].join('\n');

function policyOf(text: string): TlogPolicy {
  const policy = parseTlogPolicy(text);
  if (!policy.ok) throw new Error(policy.failure.message);
  return policy.value;
}

describe('a trust policy', () => {
  it('reads nested groups and judges who cosigned', () => {
    const policy = policyOf(EXAMPLE);
    expect(policy.logs).toMatchObject([{ url: 'https://log.example/', key: { name: 'log.example' } }]);
    expect(policy.witnesses.map((one) => one.name)).toEqual(['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']);
    const met = (...names: readonly string[]): boolean => quorumMet(policy.quorum, names.map(witness));
    expect(met('X1', 'X3', 'Y2')).toBe(true);
    expect(met('X1', 'X2', 'X3')).toBe(false);
    expect(met('X1', 'Y1', 'Y2', 'Y3')).toBe(false);
    expect(met()).toBe(false);
    expect(describeQuorum(policy.quorum)).toBe('2 of (2 of (X1, X2, X3), 1 of (Y1, Y2, Y3))');
  });

  it('reads a single witness and none', () => {
    expect(quorumMet(policyOf(`${line('a')}\nquorum a\n`).quorum, [witness('a')])).toBe(true);
    expect(quorumMet(policyOf(`${line('a')}\nquorum a\n`).quorum, [witness('b')])).toBe(false);
    expect(quorumMet(policyOf('quorum none').quorum, [])).toBe(true);
  });

  it.each([
    ['no quorum', line('a')],
    ['two quorums', `${line('a')}\nquorum a\nquorum none`],
    ['a quorum not defined', 'quorum a'],
    ['a quorum defined later', `quorum a\n${line('a')}`],
    ['a member not defined', `${line('a')}\ngroup g any a b\nquorum g`],
    ['a member twice', `${line('a')}\ngroup g any a a\nquorum g`],
    ['a member of two groups', `${line('a')}\ngroup g any a\ngroup h any a\nquorum h`],
    ['too high a number', `${line('a')}\ngroup g 2 a\nquorum g`],
    ['zero', `${line('a')}\ngroup g 0 a\nquorum g`],
    ['a name twice', `${line('a')}\ngroup a any a\nquorum a`],
    ['the name none', `witness none ${formatVerifierKey(witness('a'))}\nquorum none`],
    [
      'a witness twice under other names',
      `${line('a')}\nwitness b ${formatVerifierKey(witness('a'))}\nquorum a`,
    ],
    ['a log twice', `log ${LOG}\nlog ${LOG}\nquorum none`],
    ['a log key as a witness', `witness a ${LOG}\nquorum a`],
    ['a witness key as a log', `log ${formatVerifierKey(witness('a'))}\nquorum none`],
    ['another word', 'trust me\nquorum none'],
    ['a control character', 'quorum\u000b none'],
    ['no key', 'log\nquorum none'],
  ])('refuses %s, naming the line', (_, text) => {
    const policy = parseTlogPolicy(text);
    expect(policy).toMatchObject({ ok: false, failure: { code: 'AUDIT.POLICY_INVALID' } });
    if (!policy.ok && policy.failure.path !== undefined) expect(policy.failure.message).toMatch(/^Line \d+ /);
    expect(required(policy.ok ? undefined : policy.failure.message, 'a message')).not.toBe('');
  });
});
