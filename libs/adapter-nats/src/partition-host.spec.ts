import { bootDrafts, sealBoot } from '@evenkeel/engine';
import { sealCommit } from '@evenkeel/contracts';
import { MemoryEventLog, partitionOfBook } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { VenueEffect } from '@evenkeel/execution';
import type { CommitDraft } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import { TEST_PRODUCER, busyDemonstration, commitOf, decisionDraft } from '@evenkeel/testkit';
import { PartitionHost } from './partition-host';

const { book: file, tape } = busyDemonstration('host', 1);
const { book } = file;
const from = formatInstant(tape.from);

async function recoveredFromBoot(): Promise<{
  host: PartitionHost<ReturnType<ReturnType<typeof createOrderCore>['initial']>, VenueEffect>;
  log: MemoryEventLog;
}> {
  const log = new MemoryEventLog('journal');
  for (const sealed of sealBoot(
    bootDrafts({ file, source: 'host' }, from),
    '1',
    TEST_PRODUCER,
    sealCommit,
    0n,
  ))
    log.appendNow(sealed, 0);
  const host = new PartitionHost({
    core: createOrderCore(),
    partition: partitionOfBook(book),
    epoch: '1',
    journal: log,
    marketStream: 'EK_MARKET',
    inputs: ['risk', 'strategy', 'governance'],
    followsMarket: true,
    producer: TEST_PRODUCER,
    nowNs: () => 0n,
  });
  await host.beginRecovery();
  await host.finishRecovery();
  return { host, log };
}

function restriction(at: string): CommitDraft {
  const payload = { book, instrument: 'X@binance', restricted: true, by: 'ann', reason: 'drill', at };
  return {
    aggregate: { context: 'execution', type: 'controls', id: book },
    book,
    eventTime: at,
    actor: { kind: 'human', id: 'ann' },
    events: [{ type: 'RestrictionSet', payload }],
  };
}

const instantAt = (number: number, eventTime: string) => ({
  instant: { number, eventTime, marks: [], fundings: [], deliveries: [], wakes: [] },
  seq: number,
  traceparent: '',
});

describe('a host that follows the market', () => {
  it('records no fact of its own before the market has come to its time, although first facts have', async () => {
    const { host, log } = await recoveredFromBoot();
    const before = log.all.length;
    expect(host.reactor.state.now).toBe(tape.from);
    expect(await host.handleFact('f', restriction(from))).toBe(false);
    expect(log.all).toHaveLength(before);
    await host.handleInstant(instantAt(1, '2026-01-05T00:05:00Z'));
    expect(await host.handleFact('later', restriction('2026-01-05T00:10:00Z'))).toBe(false);
    expect(await host.handleFact('f', restriction('2026-01-05T00:05:00Z'))).toBe(true);
    expect(await host.handleFact('f', restriction('2026-01-05T00:05:00Z'))).toBe(true);
    expect(log.all).toHaveLength(before + 1);
  });

  it('lets go of what waits for the market when it is released, and takes none of it', async () => {
    const { host, log } = await recoveredFromBoot();
    const sealed = sealCommit(commitOf(decisionDraft(book, 'd', '2026-01-06T00:00:00Z')));
    const waiting = host.handleCommit({ ...sealed, seq: log.all.length + 1, subject: '' });
    host.release();
    await expect(waiting).rejects.toThrow('let go');
    expect(host.progress.seen).toBeLessThan(log.all.length);
    const before = log.all.length;
    await host.handleInstant(instantAt(1, '2026-01-05T00:05:00Z'));
    expect(await host.handleFact('f', restriction('2026-01-05T00:05:00Z'))).toBe(false);
    expect(log.all).toHaveLength(before);
  });
});
