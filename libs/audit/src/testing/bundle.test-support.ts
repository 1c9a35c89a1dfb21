import { ed25519 } from '@noble/curves/ed25519';
import { createRandom, required, sha256, utf8 } from '@evenkeel/kernel';
import { buildBundle } from '../bundle/build-bundle';
import type { BundleContents } from '../bundle/build-bundle';
import type { BundleTrust } from '../bundle/check-bundle';
import { collectClosure, evidenceInMemory } from '../bundle/collect-closure';
import type { ClosureOptions } from '../bundle/collect-closure';
import { MerkleFrontier } from '../merkle/frontier';
import type { Hash } from '../merkle/hasher';
import { inclusionProof } from '../merkle/inclusion';
import { formatCheckpoint } from '../notes/checkpoint';
import { cosignatureMessage, joinTimestamped } from '../notes/cosignature-format';
import { formatRotation } from '../notes/keyring';
import { formatNote } from '../notes/signed-note';
import type { NoteSignature } from '../notes/signed-note';
import { SIGNATURE_TYPE, verifierKey } from '../notes/verifier-key';
import type { VerifierKey } from '../notes/verifier-key';
import { buildHistory, decodeFixture } from './history.test-support';
import type { FixtureHistory } from './history.test-support';

export const FIXTURE_ORIGIN = 'evenkeel.example/desk-1';

/** A key pair of the tests, derived from its name. */
export function fixtureKey(
  name: string,
  type: number,
): { key: VerifierKey; sign(message: Uint8Array): Uint8Array } {
  const secret = sha256(utf8(`secret of ${name}`));
  return {
    key: verifierKey(name, type, ed25519.getPublicKey(secret)),
    sign: (message) => ed25519.sign(message, secret),
  };
}

const firstKey = fixtureKey(FIXTURE_ORIGIN, SIGNATURE_TYPE.ed25519);
const secondKey = fixtureKey(`${FIXTURE_ORIGIN}#2`, SIGNATURE_TYPE.ed25519);
const witnessKey = fixtureKey('auditor.example/w1', SIGNATURE_TYPE.cosignatureV1);

export const FIXTURE_TRUST: BundleTrust = {
  logKeys: [firstKey.key],
  witnesses: [witnessKey.key],
  witnessQuorum: 1,
  origin: FIXTURE_ORIGIN,
};

function signed(text: string, signer: typeof firstKey): NoteSignature {
  return { name: signer.key.name, keyId: signer.key.keyId, signature: signer.sign(utf8(text)) };
}

/** Checkpoint note of a head, by the log's second key and the witness. */
export function fixtureCheckpoint(size: number, root: Hash): string {
  const text = formatCheckpoint({ origin: FIXTURE_ORIGIN, size, root, extensions: [] });
  const cosignature = {
    name: witnessKey.key.name,
    keyId: witnessKey.key.keyId,
    signature: joinTimestamped(1_768_000_000, witnessKey.sign(cosignatureMessage(text, 1_768_000_000))),
  };
  return formatNote({ text, signatures: [signed(text, secondKey), cosignature] });
}

export interface FixtureBundle {
  readonly bytes: Uint8Array;
  readonly contents: BundleContents;
  readonly history: FixtureHistory;
}

/** A sound bundle about one random commit of a random history, with a key rotation and a witness. */
export async function buildFixtureBundle(
  seed: string,
  rows: number,
  options: Omit<ClosureOptions, 'decode'> & { readonly secondEpochAt?: number } = {},
): Promise<FixtureBundle> {
  const history = buildHistory(seed, rows, undefined, undefined, options.secondEpochAt);
  const at = Math.floor(rows / 2) + createRandom(`${seed} subject`).integer(Math.ceil(rows / 2));
  return bundleOfHistory(history, at, options);
}

/** A bundle about the commit at a position of a history, sound or not. */
export async function bundleOfHistory(
  history: FixtureHistory,
  at: number,
  options: Omit<ClosureOptions, 'decode'> = {},
): Promise<FixtureBundle> {
  const rows = history.rows.length;
  const subject = required(history.rows[at], 'a row');
  const nodes = new Map<string, Hash>();
  const frontier = new MerkleFrontier();
  for (const row of history.rows) {
    frontier.append(row.leafHash, (node, hash) => nodes.set(`${node.level}/${node.index}`, hash));
  }
  const subjects = [{ epoch: subject.epoch, seq: subject.seq }];
  const commits = await collectClosure(evidenceInMemory(history.rows), subjects, {
    decode: decodeFixture,
    ...options,
  });
  const rotation = formatRotation({
    origin: FIXTURE_ORIGIN,
    fromSize: 2,
    add: secondKey.key,
    retire: firstKey.key,
  });
  const contents: BundleContents = {
    origin: FIXTURE_ORIGIN,
    subjects,
    commits,
    proofOf: (index) =>
      inclusionProof(index, rows, (node) => required(nodes.get(`${node.level}/${node.index}`), 'a node')),
    checkpoint: fixtureCheckpoint(rows, history.root),
    rotations: [formatNote({ text: rotation, signatures: [signed(rotation, firstKey)] })],
    attachments: [{ name: 'pricing-kernel.wasm', bytes: utf8('kernel') }],
    exportedAt: '2026-01-31T00:00:00Z',
    exporter: 'keel 0.1.0',
  };
  return { bytes: buildBundle(contents), contents, history };
}
