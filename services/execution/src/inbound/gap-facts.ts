import type { JournalFloor } from '@evenkeel/adapter-nats';
import { JOURNAL_GAP } from '@evenkeel/execution';
import { assert, formatInstant, uuidV5 } from '@evenkeel/kernel';
import type { Host } from '../host';

/**
 * The journal has lost what orders left on: every account is halted on record until its venue has been compared with it and found the
 * same. Asks for a market that has begun: its time is that of the facts.
 */
export async function recordGap(
  host: Pick<Host, 'reactor' | 'position' | 'handleFact'>,
  { epoch, seq }: JournalFloor,
): Promise<void> {
  const at = formatInstant(host.position.eventTime);
  for (const [book, { accounts }] of host.reactor.state.books) {
    for (const venue of accounts.keys()) {
      const payload = { book, venue, reason: JOURNAL_GAP, at };
      const recorded = await host.handleFact(uuidV5(`gap|${epoch}|${seq}|${venue}|${book}`), {
        aggregate: { context: 'execution', type: 'venue-account', id: `${venue}/${book}` },
        book,
        eventTime: at,
        actor: { kind: 'system', id: 'execution' },
        events: [{ type: 'VenueHalted', payload }],
      });
      assert(recorded, 'a gap is recorded at the time that its partition has come to');
    }
  }
}
