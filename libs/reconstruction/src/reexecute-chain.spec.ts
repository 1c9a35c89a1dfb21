import { checkBundle } from '@evenkeel/audit';
import { decodeCommit, sealCommit } from '@evenkeel/contracts';
import type { StoredCommit } from '@evenkeel/eventing';
import type { DomainEvent } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { signerFromPem } from '@evenkeel/adapter-audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { bundleAbout, decodeLab, demonstration } from './lab-bundle.test-support';
import { judgeChain, reexecuteChain } from './reexecute-chain';
import { reexecuteDecision } from './reexecute-decision';

const ORIGIN = 'evenkeel.example/desk-1';
const log = signerFromPem(ORIGIN, generateKeyPem(), 'notes');
const trust = { logKeys: [log.key], witnesses: [], witnessQuorum: 0, origin: ORIGIN };

const { journal } = runInProcess(demonstration());
const hedges = journal.all.flatMap(({ commit }, at) =>
  commit.events.some(({ event }) => event.type === 'HedgeDecided') ? [at] : [],
);
const at = required(hedges[hedges.length >> 1], 'a hedge');
const { seq, commit: decision } = required(journal.all[at], 'a decision');
const snapshotSeq = Number(decision.causation.seq);
const orderSeq = required(
  journal.all.find(({ commit }) => commit.causation.commitId === decision.commitId),
  'its order',
).seq;

/** The journal with one commit that says something else. */
function altered(place: number, change: (event: DomainEvent) => DomainEvent): readonly StoredCommit[] {
  return journal.all.map((stored) => {
    if (stored.seq !== place) return stored;
    const events = stored.commit.events.map((recorded) => ({ ...recorded, event: change(recorded.event) }));
    const { bytes, hash } = sealCommit({ ...stored.commit, events });
    return { ...stored, bytes, hash, commit: decodeCommit(bytes) };
  });
}

const withOtherDelta = altered(snapshotSeq, (event) => {
  if (event.type !== 'RiskSnapshotTaken') return event;
  const { payload } = event;
  const exposures = payload.exposures.map((exposure) => ({ ...exposure, gamma: exposure.gamma * 2 }));
  return { type: event.type, payload: { ...payload, marks: payload.marks, legs: payload.legs, exposures } };
});

describe('the chain of a decision from mark to order, run again', () => {
  it('comes out the same, link by link', () => {
    expect(reexecuteChain(journal.all, seq)).toEqual([
      { what: 'snapshot', seq: snapshotSeq, outcome: 'same', message: '' },
      { what: 'decision', seq, outcome: 'same', message: '' },
      { what: 'order', seq: orderSeq, outcome: 'same', message: '' },
    ]);
  });

  it('names the link that was altered, and its field', () => {
    const quantity = altered(orderSeq, (event) =>
      event.type === 'OrderIntended' ? { ...event, payload: { ...event.payload, quantity: '12345' } } : event,
    );
    const [, , order] = reexecuteChain(quantity, seq);
    expect(order).toMatchObject({
      outcome: 'differs',
      message: expect.stringMatching(/quantity: 12345 on record/) as string,
    });
    const [snapshot] = reexecuteChain(withOtherDelta, seq);
    expect(snapshot).toMatchObject({
      outcome: 'differs',
      message: expect.stringMatching(/exposures\.0\.gamma/) as string,
    });
  });

  it('is not called altered where commits that its cores had are missing', () => {
    const fills = journal.all.filter(
      ({ commit, seq: place }) =>
        place > seq - 40 || commit.events.every(({ event }) => event.type !== 'OrderFilled'),
    );
    for (const { outcome } of reexecuteChain(fills, seq)) expect(outcome).toBe('not run again');
  });

  it('is judged in a bundle: a snapshot that was altered breaks it', async () => {
    const check = async (commits: readonly StoredCommit[]) =>
      checkBundle(await bundleAbout(commits, at, log), trust, decodeLab, {
        reexecute: reexecuteDecision,
        judgeChain,
      });
    const codes = (report: Awaited<ReturnType<typeof check>>) => report.findings.map(({ code }) => code);
    const honest = await check(journal.all);
    expect(honest.verdict).toBe('clean');
    expect(codes(honest)).toContain('AUDIT.SNAPSHOT_REEXECUTED');
    const broken = await check(withOtherDelta);
    expect(broken.verdict).toBe('divergent');
    expect(codes(broken)).toContain('AUDIT.SNAPSHOT_DIVERGED');
  });
});
