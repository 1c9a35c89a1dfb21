// What a signature costs: sealing a commit with and without one, judging who wrote it next to decoding it, over the commits of
// a day of the built-in market.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);

export default async function bench({ quick }) {
  const { runInProcess } = require('@evenkeel/lab');
  const { decodeCommit, encodeCommit, sealWith } = require('@evenkeel/contracts');
  const { demonstrationMarket } = require('@evenkeel/market');
  const { Authors } = require('@evenkeel/engine');
  const { verifyNatively } = require('@evenkeel/signing-keys');
  const { SignedEpoch, signerNamed } = require('@evenkeel/testkit');
  const { createHash } = require('node:crypto');
  const { tape, book } = demonstrationMarket('bench', quick ? 1 : 3);
  const { journal } = runInProcess({ tape, books: [{ file: book, source: 'bench' }] });
  const hash = (bytes) => createHash('sha256').update(bytes).digest();
  const epoch = new SignedEpoch('1');
  const commits = journal.all
    .filter(({ commit }) => ['risk', 'strategy', 'execution'].includes(commit.aggregate.context))
    .map(({ commit }) => ({
      ...commit,
      epoch: '1',
      producer: { ...commit.producer, service: commit.aggregate.context },
      causation: { ...commit.causation, stream: 'x' },
      fencingToken: 1n,
    }));
  const seals = new Map(
    ['risk', 'strategy', 'execution'].map((name) => [name, sealWith({ signer: signerNamed(name), hash })]),
  );
  const plain = sealWith({ hash });
  const perCommit = (work) => {
    const once = () => {
      const started = process.hrtime.bigint();
      commits.forEach(work);
      return Number(process.hrtime.bigint() - started) / 1e3 / commits.length;
    };
    once();
    return [once(), once(), once()].sort((a, b) => a - b)[1];
  };
  const signed = commits.map((commit) => seals.get(commit.aggregate.context)(commit));
  const sealing = perCommit((commit) => plain(commit));
  const signing = perCommit((commit) => seals.get(commit.aggregate.context)(commit));
  const decoding = perCommit((_, at) => decodeCommit(signed[at].bytes));
  const authors = new Authors({ epoch: '1', verify: verifyNatively, deskKey: epoch.deskKey });
  const opening = epoch.opening();
  authors.take({ seq: 1, commit: opening.commit, bytes: opening.bytes });
  const read = signed.map(({ bytes }) => decodeCommit(bytes));
  const judging = perCommit((_, at) =>
    authors.take({ seq: at + 2, commit: read[at], bytes: signed[at].bytes }),
  );
  const bytes = commits.reduce((sum, commit) => sum + encodeCommit(commit).length, 0) / commits.length;
  return {
    name: 'authors',
    rows: [
      {
        metric: 'signing a commit',
        value: signing - sealing,
        unit: 'µs',
        against: 'encoding and hashing it',
        ratio: (signing - sealing) / sealing,
        note: `${commits.length} commits of ${Math.round(bytes)} bytes`,
      },
      {
        metric: 'judging who wrote a commit',
        value: judging,
        unit: 'µs',
        against: 'decoding it',
        ratio: judging / decoding,
        note: '87 bytes a commit',
      },
    ],
  };
}
