import { createRandom, required, utf8 } from '@evenkeel/kernel';
import { consistencyProof, verifyConsistency } from '../merkle/consistency';
import { MerkleFrontier } from '../merkle/frontier';
import { rfc6962 } from '../merkle/hasher';
import type { Hash } from '../merkle/hasher';
import { formatCheckpoint } from '../notes/checkpoint';
import { cosignatureMessage, joinTimestamped } from '../notes/cosignature-format';
import type { HeadRecord } from '../notes/head-guard';
import { keyringOf } from '../notes/keyring';
import { formatNote, signatureLine } from '../notes/signed-note';
import { SIGNATURE_TYPE } from '../notes/verifier-key';
import { fixtureKey } from '../testing/bundle.test-support';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint';
import { decideCosign, originOfRequest } from './decide-cosign';
import type { WitnessAnswer } from './decide-cosign';
import { cosignatureTime, readWitnessAnswer } from './witness-reply';

const ORIGIN = 'evenkeel.example/desk-1';
const log = fixtureKey(ORIGIN, SIGNATURE_TYPE.ed25519);
const witness = fixtureKey('auditor.example/w1', SIGNATURE_TYPE.cosignatureV1);
const logs = new Map([[ORIGIN, { keyring: keyringOf(ORIGIN, [log.key]) }]]);

class Tree {
  readonly heads: { size: number; root: Hash }[] = [];
  private readonly nodes = new Map<string, Hash>();

  constructor(labels: readonly string[]) {
    const frontier = new MerkleFrontier();
    this.heads.push({ size: 0, root: frontier.root() });
    for (const label of labels) {
      frontier.append(rfc6962.leaf(utf8(label)), (node, hash) =>
        this.nodes.set(`${node.level}/${node.index}`, hash),
      );
      this.heads.push({ size: frontier.size, root: frontier.root() });
    }
  }

  proof(from: number, to: number): readonly Hash[] {
    return consistencyProof(from, to, (node) =>
      required(this.nodes.get(`${node.level}/${node.index}`), 'a node'),
    );
  }

  request(oldSize: number, size: number, proof: readonly Hash[]): string {
    const text = formatCheckpoint({
      origin: ORIGIN,
      ...required(this.heads[size], 'a head'),
      extensions: [],
    });
    const signature = { name: log.key.name, keyId: log.key.keyId, signature: log.sign(utf8(text)) };
    return formatAddCheckpoint({ oldSize, proof, note: formatNote({ text, signatures: [signature] }) });
  }
}

const labels = Array.from({ length: 40 }, (_, at) => `row ${at}`);
const real = new Tree(labels);
const forged = new Tree(labels.map((label, at) => (at === 9 ? 'rewritten' : label)));

describe('an add-checkpoint request', () => {
  it('reads back what was written', () => {
    const body = real.request(6, 8, real.proof(6, 8));
    const read = parseAddCheckpoint(body);
    expect(read.ok && formatAddCheckpoint(read.value)).toBe(body);
    expect(originOfRequest(body)).toBe(ORIGIN);
  });

  it.each([
    '',
    'old 1',
    'old 01\n\nx',
    'old 1\nAAAA\n\nx',
    'new 1\n\nx',
    'old -1\n\nx',
    `old 1\n${'x\n'.repeat(64)}\nx`,
  ])('is refused when malformed: %j', (body) => {
    expect(parseAddCheckpoint(body)).toMatchObject({
      ok: false,
      failure: { code: 'AUDIT.WITNESS_REQUEST_MALFORMED' },
    });
    expect(decideCosign(logs, undefined, body)).toMatchObject({
      kind: 'refuse',
      status: 400,
      misbehaviour: false,
    });
  });
});

describe('the judgement of a witness', () => {
  const last = (size: number): HeadRecord => {
    const answer = decideCosign(logs, undefined, real.request(0, size, []));
    if (answer.kind !== 'cosign') throw new Error(answer.message);
    return answer.record;
  };

  it.each<[string, HeadRecord | undefined, string, Partial<WitnessAnswer>]>([
    ['the first tree', undefined, real.request(0, 7, []), { kind: 'cosign' }],
    ['a tree that grows', last(7), real.request(7, 20, real.proof(7, 20)), { kind: 'cosign' }],
    ['the same tree again', last(7), real.request(7, 7, []), { kind: 'cosign' }],
    [
      'a wrong idea of its size',
      last(7),
      real.request(5, 20, real.proof(5, 20)),
      { kind: 'conflict', size: 7, misbehaviour: false },
    ],
    [
      'another root of one size',
      last(12),
      forged.request(12, 12, []),
      { kind: 'conflict', size: 12, misbehaviour: true },
    ],
    [
      'a fork that grew',
      last(12),
      forged.request(12, 20, forged.proof(12, 20)),
      { kind: 'refuse', status: 422, misbehaviour: true },
    ],
    ['no proof', last(7), real.request(7, 20, []), { kind: 'refuse', status: 422, misbehaviour: true }],
    [
      'a proof where none is due',
      last(7),
      real.request(7, 7, real.proof(6, 7)),
      { kind: 'refuse', status: 422 },
    ],
    ['an old size beyond the tree', last(7), real.request(9, 8, []), { kind: 'refuse', status: 400 }],
    [
      'a log it does not know',
      undefined,
      real.request(0, 3, []).replace(ORIGIN, 'elsewhere'),
      { kind: 'refuse', status: 404 },
    ],
    [
      'a signature that does not hold',
      undefined,
      real.request(0, 3, []).replace('\n3\n', '\n4\n'),
      { kind: 'refuse', status: 403 },
    ],
  ])('of %s', (_, held, body, expected) => {
    expect(decideCosign(logs, held, body)).toMatchObject(expected);
  });

  it('never cosigns two trees of which one does not extend the other, whatever it is sent (seeded)', () => {
    for (let seed = 0; seed < 12; seed += 1) {
      const random = createRandom(`witness ${seed}`);
      let held: HeadRecord | undefined;
      const cosigned: { tree: Tree; size: number }[] = [];
      for (let round = 0; round < 40; round += 1) {
        const tree = random.integer(3) === 0 ? forged : real;
        const size = random.integer(41);
        const oldSize = random.integer(3) === 0 ? random.integer(size + 1) : Math.min(held?.size ?? 0, size);
        const proofOf = random.integer(4) === 0 ? (tree === real ? forged : real) : tree;
        const answer = decideCosign(logs, held, tree.request(oldSize, size, proofOf.proof(oldSize, size)));
        if (answer.kind !== 'cosign') continue;
        held = answer.record;
        cosigned.push({ tree, size });
      }
      expect(cosigned.length).toBeGreaterThan(0);
      for (const [at, { tree, size }] of cosigned.entries()) {
        const before = cosigned[at - 1];
        if (before === undefined) continue;
        const old = required(before.tree.heads[before.size], 'a head');
        expect(
          verifyConsistency(old, required(tree.heads[size], 'a head'), tree.proof(before.size, size)),
        ).toBe(true);
      }
    }
  });
});

describe('what a log makes of an answer', () => {
  const body = formatCheckpoint({ origin: ORIGIN, ...required(real.heads[8], 'a head'), extensions: [] });
  const submitted = { body, size: 8, oldSize: 6 };
  const cosignature = {
    name: witness.key.name,
    keyId: witness.key.keyId,
    signature: joinTimestamped(1_768_000_000, witness.sign(cosignatureMessage(body, 1_768_000_000))),
  };
  const stranger = fixtureKey('stranger', SIGNATURE_TYPE.cosignatureV1);

  it('takes the cosignature of the witness and passes over others', () => {
    const others = signatureLine({ ...cosignature, name: 'stranger', keyId: stranger.key.keyId });
    const reply = readWitnessAnswer(
      { status: 200, body: others + signatureLine(cosignature) },
      witness.key,
      submitted,
    );
    expect(reply).toEqual({ kind: 'cosigned', signatures: [cosignature] });
    expect(cosignatureTime(cosignature)).toBe(1_768_000_000);
  });

  it.each([
    [{ status: 200, body: '' }, 'AUDIT.WITNESS_COSIGNATURE_INVALID'],
    [
      {
        status: 200,
        body: signatureLine({ ...cosignature, signature: cosignature.signature.map((b) => b ^ 1) }),
      },
      'AUDIT.WITNESS_COSIGNATURE_INVALID',
    ],
    [{ status: 409, body: '6\n' }, 'AUDIT.WITNESS_REFUSED_FORK'],
    [{ status: 409, body: '9\n' }, 'AUDIT.WITNESS_AHEAD'],
    [{ status: 409, body: 'nine' }, 'AUDIT.WITNESS_UNREACHABLE'],
    [{ status: 422, body: 'no' }, 'AUDIT.WITNESS_REFUSED_FORK'],
    [{ status: 403, body: 'no' }, 'AUDIT.WITNESS_NOT_CONFIGURED'],
    [{ status: 404, body: 'no' }, 'AUDIT.WITNESS_NOT_CONFIGURED'],
    [{ status: 500, body: 'no' }, 'AUDIT.WITNESS_UNREACHABLE'],
  ])('raises %j as %s', (answer, code) => {
    const reply = readWitnessAnswer(answer, witness.key, submitted);
    expect(reply).toMatchObject({ kind: 'alert', alert: { code, witness: 'auditor.example/w1' } });
  });

  it('proves again from the size a witness holds', () => {
    expect(readWitnessAnswer({ status: 409, body: '3\n' }, witness.key, submitted)).toEqual({
      kind: 'prove-from',
      size: 3,
    });
  });
});
