import { ed25519 } from '@noble/curves/ed25519';
import { createRandom, required, sha256, toHex, utf8 } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { fromBase64, toBase64 } from '../encoding/base64';
import { textOf } from '../encoding/utf8-text';
import { consistencyProof } from '../merkle/consistency';
import { MerkleFrontier } from '../merkle/frontier';
import { rfc6962 } from '../merkle/hasher';
import type { Hash } from '../merkle/hasher';
import { formatCheckpoint, parseCheckpoint } from './checkpoint';
import { CheckpointIssuer, cosignText, signText } from './checkpoint-issuer';
import type { HeadStore, SigningPort } from './checkpoint-issuer';
import type { HeadRecord } from './head-guard';
import { formatRotation, keyringOf, keysAt, rotateKeys } from './keyring';
import { openNote } from './open-note';
import { formatNote, parseNote, signatureLine } from './signed-note';
import { SIGNATURE_TYPE, formatVerifierKey, keyIdOf, parseVerifierKey, verifierKey } from './verifier-key';
import type { VerifierKey } from './verifier-key';
import { verifyCheckpoint } from './verify-checkpoint';

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return result.value;
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.failure.code;
}

function signerOf(name: string, type: number = SIGNATURE_TYPE.ed25519): SigningPort {
  const secret = sha256(utf8(`secret of ${name} ${type}`));
  return {
    key: verifierKey(name, type, ed25519.getPublicKey(secret)),
    sign: (message) => Promise.resolve(ed25519.sign(message, secret)),
  };
}

const peter = required(
  parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'),
  'a key',
);
const PETER_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_SIGNATURE =
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

/** A checkpoint of a real log, as published, with four signatures by real logs and witnesses. */
const REAL_CHECKPOINT = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

\u2014 arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
\u2014 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
\u2014 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
\u2014 witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
\u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
\u2014 witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
const REAL_LOG =
  'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f';
const REAL_WITNESSES = [
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
];
const keys = (texts: readonly string[]): VerifierKey[] =>
  texts.map((text) => required(parseVerifierKey(text), text));

describe('signed notes', () => {
  it('accepts the published example notes of other implementations', () => {
    const opened = valueOf(openNote(valueOf(parseNote(`${PETER_TEXT}\n${PETER_SIGNATURE}`)), [peter]));
    expect(opened.verified.map((one) => one.key.name)).toEqual(['PeterNeumann']);
    const example = required(
      parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'),
      'a key',
    );
    const note = `This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n`;
    expect(codeOf(openNote(valueOf(parseNote(note)), [example]))).toBe('ok');
  });

  it('signs the published example byte for byte', async () => {
    // The private half that the reference implementation publishes with the example.
    const secret = required(fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'), 'a secret').slice(1);
    const signer: SigningPort = {
      key: peter,
      sign: (message) => Promise.resolve(ed25519.sign(message, secret)),
    };
    expect(signatureLine(await signText(PETER_TEXT, signer))).toBe(PETER_SIGNATURE);
  });

  it('writes back byte for byte what it reads', () => {
    for (const text of [`${PETER_TEXT}\n${PETER_SIGNATURE}`, REAL_CHECKPOINT]) {
      expect(formatNote(valueOf(parseNote(text)))).toBe(text);
    }
  });

  it.each([
    ['', 'no text'],
    [PETER_TEXT, 'no signature'],
    [`${PETER_TEXT}\n${PETER_SIGNATURE.slice(0, -1)}`, 'no final newline'],
    [`${PETER_TEXT}${PETER_SIGNATURE}`, 'no empty line'],
    [`${PETER_TEXT}\r\n\n${PETER_SIGNATURE}`, 'a control character'],
    [`${PETER_TEXT}\n${PETER_SIGNATURE.replace('\u2014', '-')}`, 'a wrong dash'],
    [`${PETER_TEXT}\n${PETER_SIGNATURE}x\n`, 'a line after the signatures'],
    [`${PETER_TEXT}\n${PETER_SIGNATURE.replace('=\n', '\n')}`, 'bad base64'],
    [`${PETER_TEXT}\n${PETER_SIGNATURE.repeat(101)}`, 'too many signatures'],
  ])('refuses a malformed note: %#', (text) => {
    expect(codeOf(parseNote(text))).toBe('AUDIT.NOTE_MALFORMED');
  });

  it('refuses a note with any bit changed, unless the change only makes the signer unknown', () => {
    const bytes = utf8(`${PETER_TEXT}\n${PETER_SIGNATURE}`);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const copy = Uint8Array.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = textOf(copy);
      const note = text === undefined ? undefined : parseNote(text);
      if (note?.ok === true) expect(codeOf(openNote(note.value, [peter]))).not.toBe('ok');
    }
  });

  it('passes over unknown signers, refuses when a known one fails, counts a repeated one once', async () => {
    const [alice, bob] = [signerOf('alice'), signerOf('bob')];
    const text = 'hello\n';
    const [a, b] = [await signText(text, alice), await signText(text, bob)];
    const opened = valueOf(openNote({ text, signatures: [a, b, a] }, [alice.key]));
    expect(opened.verified).toHaveLength(1);
    expect(opened.unknown).toEqual(['bob']);
    expect(codeOf(openNote({ text, signatures: [b] }, [alice.key]))).toBe('AUDIT.SIGNATURE_MISSING');
    const forged = { ...a, signature: b.signature };
    expect(codeOf(openNote({ text, signatures: [b, forged] }, [alice.key, bob.key]))).toBe(
      'AUDIT.SIGNATURE_INVALID',
    );
  });
});

describe('verifier keys', () => {
  it('refuses every altered spelling of a key', () => {
    const text = formatVerifierKey(peter);
    expect(text).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    for (let at = 0; at < text.length; at += 1) {
      const next = String.fromCharCode(text.charCodeAt(at) + 1);
      expect(parseVerifierKey(text.slice(0, at) + next + text.slice(at + 1))).toBeUndefined();
      expect(parseVerifierKey(text.slice(0, at))).toBeUndefined();
      if (at > 0) expect(parseVerifierKey(text.slice(at))).toBeUndefined();
    }
    expect(
      parseVerifierKey('PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='),
    ).toBeUndefined();
    expect(
      parseVerifierKey('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'),
    ).toBeUndefined();
  });

  it('derives different ids for the same key under another name or type', () => {
    const ids = [
      keyIdOf('a', 1, peter.publicKey),
      keyIdOf('b', 1, peter.publicKey),
      keyIdOf('a', 4, peter.publicKey),
    ];
    expect(new Set(ids).size).toBe(3);
  });
});

describe('base64 and UTF-8', () => {
  it('round-trip and have one spelling', () => {
    const random = createRandom('base64');
    for (let round = 0; round < 300; round += 1) {
      const bytes = Uint8Array.from({ length: random.integer(70) }, () => random.integer(256));
      const text = toBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(text)).toEqual(bytes);
    }
    for (const text of ['A', 'AA', 'AAA', 'AB==', 'AAB=', 'A===', 'AA=A', 'AA==AAAA', ' AAA', 'AA-_']) {
      expect(fromBase64(text)).toBeUndefined();
    }
  });

  it('reads exactly the well-formed byte strings', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const random = createRandom('utf8');
    const leads = [
      0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x9f,
      0xa0, 0x8f, 0x90,
    ];
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = Uint8Array.from(
        { length: 1 + random.integer(5) },
        () => leads[random.integer(leads.length)] ?? 0,
      );
      let expected: string | undefined;
      try {
        expected = decoder.decode(bytes);
      } catch {
        expected = undefined;
      }
      expect(textOf(bytes)).toBe(expected);
    }
    const long = 'čaj – 𝄞 '.repeat(5000);
    expect(textOf(utf8(long))).toBe(long);
  });
});

describe('checkpoints', () => {
  const trust = {
    log: keyringOf('arche2025h1.staging.ct.transparency.dev', keys([REAL_LOG])),
    witnesses: keys(REAL_WITNESSES),
    witnessQuorum: 4,
  };

  it('accepts a published checkpoint with the cosignatures of four real witnesses', () => {
    const verified = valueOf(verifyCheckpoint(REAL_CHECKPOINT, trust));
    expect(verified.checkpoint.size).toBe(1_432_088_532);
    expect(verified.witnessed.map((one) => one.timeSeconds)).toEqual([0, 0, 0, 0].map(() => 0x6a122120));
    expect(verified.unknown).toEqual(['arche2025h1.staging.ct.transparency.dev']);
  });

  it('refuses it for another size, origin, quorum or without the log signature', () => {
    expect(codeOf(verifyCheckpoint(REAL_CHECKPOINT.replace('1432088532', '1432088533'), trust))).toBe(
      'AUDIT.SIGNATURE_INVALID',
    );
    expect(codeOf(verifyCheckpoint(REAL_CHECKPOINT, { ...trust, witnessQuorum: 5 }))).toBe(
      'AUDIT.WITNESSES_TOO_FEW',
    );
    const other = { ...trust, log: { ...trust.log, origin: 'elsewhere' } };
    expect(codeOf(verifyCheckpoint(REAL_CHECKPOINT, other))).toBe('AUDIT.ORIGIN_UNEXPECTED');
    const lines = REAL_CHECKPOINT.split('\n');
    const without = lines.filter((line) => !line.includes('ui8GwCF1')).join('\n');
    expect(codeOf(verifyCheckpoint(without, trust))).toBe('AUDIT.SIGNATURE_MISSING');
  });

  it('counts one witness key under two names once', async () => {
    const log = signerOf('log');
    const witness = signerOf('w1', SIGNATURE_TYPE.cosignatureV1);
    const alias: SigningPort = {
      ...witness,
      key: verifierKey('w2', SIGNATURE_TYPE.cosignatureV1, witness.key.publicKey),
    };
    const text = formatCheckpoint({ origin: 'log', size: 0, root: rfc6962.emptyRoot, extensions: [] });
    const signatures = [
      await signText(text, log),
      await cosignText(text, 1_700_000_000, witness),
      await cosignText(text, 1_700_000_000, alias),
    ];
    const note = formatNote({ text, signatures });
    const policy = {
      log: keyringOf('log', [log.key]),
      witnesses: [witness.key, alias.key],
      witnessQuorum: 2,
    };
    expect(codeOf(verifyCheckpoint(note, policy))).toBe('AUDIT.WITNESSES_TOO_FEW');
    expect(codeOf(verifyCheckpoint(note, { ...policy, witnessQuorum: 1 }))).toBe('ok');
  });

  it.each([
    'a\n01\nAAAA\n',
    'a\n-1\n',
    '\n1\n',
    'a\n1\nAAAA\n',
    'a\n1',
    'a\n99999999999999999\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n',
  ])('refuses a malformed body: %j', (text) =>
    expect(codeOf(parseCheckpoint(text))).toBe('AUDIT.CHECKPOINT_MALFORMED'),
  );
});

describe('key rotation', () => {
  const [first, second, third] = [signerOf('log'), signerOf('log#2'), signerOf('log#3')];
  const ring = keyringOf('log', [first.key]);
  const rotationNote = async (signer: SigningPort, text: string): Promise<string> =>
    formatNote({ text, signatures: [await signText(text, signer)] });

  it('hands over from one key to the next at a tree size', async () => {
    const text = formatRotation({ origin: 'log', fromSize: 100, add: second.key, retire: first.key });
    const rotated = valueOf(rotateKeys(ring, await rotationNote(first, text)));
    expect(keysAt(rotated, 99)).toEqual([first.key]);
    expect(keysAt(rotated, 100)).toEqual([second.key]);
  });

  it('refuses a rotation signed by a stranger, by the new key itself, about another log, or reaching back', async () => {
    const text = formatRotation({ origin: 'log', fromSize: 100, add: second.key, retire: first.key });
    expect(codeOf(rotateKeys(ring, await rotationNote(third, text)))).toBe('AUDIT.SIGNATURE_MISSING');
    expect(codeOf(rotateKeys(ring, await rotationNote(second, text)))).toBe('AUDIT.SIGNATURE_MISSING');
    const foreign = formatRotation({ origin: 'other', fromSize: 100, add: second.key });
    expect(codeOf(rotateKeys(ring, await rotationNote(first, foreign)))).toBe('AUDIT.ROTATION_INVALID');
    const rotated = valueOf(rotateKeys(ring, await rotationNote(first, text)));
    const back = formatRotation({ origin: 'log', fromSize: 50, add: third.key });
    expect(codeOf(rotateKeys(rotated, await rotationNote(second, back)))).toBe('AUDIT.ROTATION_INVALID');
    const retired = formatRotation({ origin: 'log', fromSize: 200, add: third.key });
    expect(codeOf(rotateKeys(rotated, await rotationNote(first, retired)))).toBe('AUDIT.SIGNATURE_MISSING');
  });

  it('refuses a checkpoint signed by a retired key', async () => {
    const text = formatRotation({ origin: 'log', fromSize: 100, add: second.key, retire: first.key });
    const log = valueOf(rotateKeys(ring, await rotationNote(first, text)));
    const body = formatCheckpoint({ origin: 'log', size: 120, root: rfc6962.emptyRoot, extensions: [] });
    const policy = { log, witnesses: [], witnessQuorum: 0 };
    expect(codeOf(verifyCheckpoint(await rotationNote(first, body), policy))).toBe('AUDIT.SIGNATURE_MISSING');
    expect(codeOf(verifyCheckpoint(await rotationNote(second, body), policy))).toBe('ok');
  });
});

describe('the checkpoint issuer', () => {
  const grow = (
    labels: readonly string[],
  ): { heads: { size: number; root: Hash }[]; nodes: Map<string, Hash> } => {
    const frontier = new MerkleFrontier();
    const nodes = new Map<string, Hash>();
    const heads = [{ size: 0, root: frontier.root() }];
    for (const label of labels) {
      frontier.append(rfc6962.leaf(utf8(label)), (node, hash) =>
        nodes.set(`${node.level}/${node.index}`, hash),
      );
      heads.push({ size: frontier.size, root: frontier.root() });
    }
    return { heads, nodes };
  };
  const memoryHeads = (): HeadStore & { saved: HeadRecord[] } => {
    const saved: HeadRecord[] = [];
    return {
      saved,
      load: () => Promise.resolve(saved[saved.length - 1]),
      save: (record) => Promise.resolve(void saved.push(record)),
    };
  };
  const labels = Array.from({ length: 40 }, (_, at) => `row ${at}`);
  const real = grow(labels);
  const forged = grow(labels.map((label, at) => (at === 12 ? 'rewritten' : label)));
  const proofIn = (tree: typeof real, from: number, to: number): readonly Hash[] =>
    consistencyProof(from, to, (node) => required(tree.nodes.get(`${node.level}/${node.index}`), 'a node'));
  const head = (tree: typeof real, size: number): { size: number; root: Hash } =>
    required(tree.heads[size], 'a head');

  it('signs growing heads and the same head again', async () => {
    const issuer = new CheckpointIssuer('log', memoryHeads());
    const signer = signerOf('log');
    const policy = { log: keyringOf('log', [signer.key]), witnesses: [], witnessQuorum: 0 };
    let from = 0;
    for (const size of [1, 5, 5, 16, 17, 40]) {
      const note = valueOf(await issuer.issue(head(real, size), proofIn(real, from, size), [signer]));
      expect(valueOf(verifyCheckpoint(note, policy)).checkpoint.size).toBe(size);
      from = size;
    }
  });

  it('never signs a fork, a smaller tree, or a head without proof, and remembers before it signs', async () => {
    const store = memoryHeads();
    const issuer = new CheckpointIssuer('log', store);
    const signer = signerOf('log');
    let signatures = 0;
    const counting: SigningPort = {
      key: signer.key,
      sign: (message) => {
        signatures += 1;
        expect(store.saved).toHaveLength(signatures);
        return signer.sign(message);
      },
    };
    expect(codeOf(await issuer.issue(head(real, 20), [], [counting]))).toBe('ok');
    for (const size of [20, 21, 40]) {
      const forgery = await issuer.issue(head(forged, size), proofIn(forged, 20, size), [counting]);
      expect(codeOf(forgery)).toBe('AUDIT.HEAD_INCONSISTENT');
    }
    expect(codeOf(await issuer.issue(head(real, 19), [], [counting]))).toBe('AUDIT.HEAD_BEHIND');
    expect(codeOf(await issuer.issue(head(real, 30), [], [counting]))).toBe('AUDIT.HEAD_INCONSISTENT');
    expect(signatures).toBe(1);
    expect(toHex(head(real, 20).root)).toBe(store.saved[0]?.root);
  });

  it('refuses to hand out a signature its own key does not accept', async () => {
    const issuer = new CheckpointIssuer('log', memoryHeads());
    const broken: SigningPort = { key: signerOf('log').key, sign: signerOf('other').sign };
    await expect(issuer.issue(head(real, 3), [], [broken])).rejects.toMatchObject({
      code: 'AUDIT.SIGNER_BROKEN',
    });
  });
});
