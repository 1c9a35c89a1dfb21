import { sealCommit } from '@evenkeel/contracts';
import { MemoryEventLog } from '@evenkeel/eventing';
import { EVENT_TABLE } from '@evenkeel/facts';
import type { CommitDraft } from '@evenkeel/facts';
import { sameBytes } from '@evenkeel/kernel';
import { TEST_PRODUCER, busyDemonstration, createToyCore, decisionDraft } from '@evenkeel/testkit';
import { bootDrafts, sealBoot } from './boot';
import { PriceJournal } from './price-journal';
import { Reactor } from './reactor';
import { Heads, NO_HEAD, VIRTUAL_CLOCK, envelopeOf, originOf } from './seal';

const AT = '2026-01-05T00:00:00Z';
const options = {
  epoch: '1',
  producer: TEST_PRODUCER,
  clock: VIRTUAL_CLOCK,
  origin: originOf('host', 'cause'),
  index: 0,
};

describe('the envelope', () => {
  it('extends the chain of its aggregate', () => {
    const heads = new Heads();
    const log = new MemoryEventLog('log');
    for (const id of ['a', 'b', 'c']) {
      const draft = decisionDraft('book', id, AT);
      const head = heads.of(draft.aggregate);
      const sealed = sealCommit(envelopeOf(draft, { ...options, origin: originOf('host', id), head }));
      heads.note(sealed, log.appendNow(sealed, head.seq).seq);
    }
    expect(log.all.map(({ commit }) => [commit.fromVersion, commit.toVersion])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(
      log.all.every(({ commit }, at) => sameBytes(commit.prevHash, log.all[at - 1]?.hash ?? NO_HEAD.hash)),
    ).toBe(true);
  });

  it('has an id that follows from aggregate, cause and place, whoever seals it and when', () => {
    const draft = decisionDraft('book', 'd', AT);
    const late = { ...VIRTUAL_CLOCK, decidedTime: 9n };
    const one = envelopeOf(draft, { ...options, head: NO_HEAD });
    expect(envelopeOf(draft, { ...options, head: NO_HEAD, clock: late }).commitId).toBe(one.commitId);
    expect(envelopeOf(draft, { ...options, head: NO_HEAD, index: 1 }).commitId).not.toBe(one.commitId);
  });

  describe('when the table raises the version of an event', () => {
    afterEach(() => jest.restoreAllMocks());
    const raised = (type: keyof typeof EVENT_TABLE): void =>
      void jest.replaceProperty(EVENT_TABLE[type], 'version', 2 as never); // a later release's table
    const versions = (
      commits: readonly { readonly commit: { readonly events: readonly { version: number }[] } }[],
    ) => commits.flatMap(({ commit }) => commit.events.map(({ version }) => version));

    it('is marked with it by cores and by hosts', () => {
      raised('HedgeDecided');
      const core = createToyCore('book');
      const reactor = new Reactor(core, { ...options, seal: sealCommit, hostClock: () => VIRTUAL_CLOCK });
      expect(versions([reactor.sealFact(decisionDraft('book', 'd', AT), originOf('host', 'x'))])).toEqual([
        2,
      ]);
    });

    it('is marked with it at boot', () => {
      raised('BookOpened');
      const { book: file } = busyDemonstration('seal', 1);
      const sealed = sealBoot(bootDrafts({ file, source: 'seal' }, AT), '1', TEST_PRODUCER, sealCommit, 0n);
      expect(versions(sealed)).toEqual([2, 1, 1]);
    });

    it('is marked with it by the price context', () => {
      raised('PriceHalted');
      const payload = { instrument: 'X@v', at: AT, reasons: [], observed: [] };
      const draft: CommitDraft = {
        aggregate: { context: 'price', type: 'instrument', id: 'X@v' },
        book: 'X@v',
        eventTime: AT,
        actor: { kind: 'algo', id: 'price-ingest' },
        events: [{ type: 'PriceHalted', payload }],
      };
      const instant = { number: 1, eventTime: AT, marks: [], fundings: [], deliveries: [], wakes: [] };
      const { commit } = new PriceJournal('1', TEST_PRODUCER, sealCommit).seal(draft, 0, instant);
      expect(versions([commit])).toEqual([2]);
    });
  });
});
