import { failure, success, toHex } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { SIGNATURE_TYPE, parseVerifierKey } from './verifier-key';
import type { VerifierKey } from './verifier-key';
import type { QuorumRule, WitnessQuorum } from './witness-quorum';

/** A trust policy as people write it (C2SP tlog-policy): logs, witnesses, and the rule over them. */
export interface TlogPolicy {
  readonly logs: readonly { readonly key: VerifierKey; readonly url?: string }[];
  readonly witnesses: readonly { readonly name: string; readonly key: VerifierKey; readonly url?: string }[];
  /** 0 for `quorum none`. */
  readonly quorum: WitnessQuorum;
}

interface Reading {
  readonly logs: { readonly key: VerifierKey; readonly url?: string }[];
  readonly witnesses: { readonly name: string; readonly key: VerifierKey; readonly url?: string }[];
  readonly names: Map<string, QuorumRule>;
  /** Names that are in a group already: each may be in one. */
  readonly grouped: Set<string>;
  quorum: WitnessQuorum | undefined;
}

/** Reads a policy file. Fails with `AUDIT.POLICY_INVALID`, naming the line. */
export function parseTlogPolicy(text: string): Result<TlogPolicy> {
  const reading: Reading = {
    logs: [],
    witnesses: [],
    names: new Map(),
    grouped: new Set(),
    quorum: undefined,
  };
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#') === true) continue;
    const problem = hasControl(line) ? 'it has a control character' : readLine(reading, words);
    if (problem !== undefined)
      return failure('AUDIT.POLICY_INVALID', `Line ${at + 1} of the policy: ${problem}.`, `line ${at + 1}`);
  }
  const { logs, witnesses, quorum } = reading;
  if (quorum === undefined)
    return failure('AUDIT.POLICY_INVALID', 'The policy has no quorum line ("quorum none" asks for none).');
  return success({ logs, witnesses, quorum });
}

function hasControl(line: string): boolean {
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

/** What is wrong with the line, or nothing. */
function readLine(reading: Reading, words: readonly string[]): string | undefined {
  const [what, ...rest] = words;
  switch (what) {
    case 'log':
      return readLog(reading, rest);
    case 'witness':
      return readWitness(reading, rest);
    case 'group':
      return readGroup(reading, rest);
    case 'quorum':
      return readQuorum(reading, rest);
    default:
      return `"${what ?? ''}" is none of log, witness, group, quorum`;
  }
}

function readLog(reading: Reading, [text, url, ...more]: readonly string[]): string | undefined {
  const key = text === undefined ? undefined : parseVerifierKey(text);
  if (more.length > 0) return 'it has too many words';
  if (key?.type !== SIGNATURE_TYPE.ed25519) return 'its key is not a verifier key of a log';
  if (reading.logs.some((log) => sameMaterial(log.key, key))) return 'this log is there already';
  reading.logs.push(url === undefined ? { key } : { key, url });
  return undefined;
}

function readWitness(reading: Reading, [name, text, url, ...more]: readonly string[]): string | undefined {
  const key = text === undefined ? undefined : parseVerifierKey(text);
  if (more.length > 0) return 'it has too many words';
  if (name === undefined || key?.type !== SIGNATURE_TYPE.cosignatureV1)
    return 'its key is not a verifier key of a witness';
  if (name === 'none' || reading.names.has(name)) return `the name ${name} is taken`;
  if (reading.witnesses.some((witness) => sameMaterial(witness.key, key)))
    return 'this witness is there already';
  reading.witnesses.push(url === undefined ? { name, key } : { name, key, url });
  reading.names.set(name, { kind: 'witness', key });
  return undefined;
}

function sameMaterial(a: VerifierKey, b: VerifierKey): boolean {
  return toHex(a.publicKey) === toHex(b.publicKey);
}

function readGroup(reading: Reading, [name, howMany, ...members]: readonly string[]): string | undefined {
  if (name === undefined || howMany === undefined || members.length === 0)
    return 'a group has a name, a number and members';
  if (name === 'none' || reading.names.has(name)) return `the name ${name} is taken`;
  const numeric = /^[1-9]\d*$/.test(howMany) ? Number(howMany) : 0;
  const threshold = howMany === 'any' ? 1 : howMany === 'all' ? members.length : numeric;
  if (threshold < 1 || threshold > members.length) return `${howMany} of ${members.length} members cannot be`;
  const rules: QuorumRule[] = [];
  for (const member of members) {
    const rule = reading.names.get(member);
    if (rule === undefined) return `${member} is not defined above`;
    if (reading.grouped.has(member)) return `${member} is in a group already`;
    reading.grouped.add(member);
    rules.push(rule);
  }
  reading.names.set(name, { kind: 'group', name, threshold, members: rules });
  return undefined;
}

function readQuorum(reading: Reading, [name, ...more]: readonly string[]): string | undefined {
  if (name === undefined || more.length > 0) return 'a quorum is one name';
  if (reading.quorum !== undefined) return 'there is a quorum already';
  const rule = name === 'none' ? 0 : reading.names.get(name);
  if (rule === undefined) return `${name} is not defined above`;
  reading.quorum = rule;
  return undefined;
}
