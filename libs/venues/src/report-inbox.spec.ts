import type { VenueReport } from '@evenkeel/facts';
import type { DueReport } from './connector';
import { ReportInbox } from './report-inbox';

function drain(inbox: ReportInbox): DueReport[] {
  const heard: DueReport[] = [];
  for (let next = inbox.due(); next !== undefined; next = inbox.due()) {
    heard.push(next);
    inbox.settled(next.id);
  }
  return heard;
}

describe('the inbox of a venue', () => {
  const acknowledged: VenueReport = { kind: 'acknowledged', clientOrderId: 'a', venueOrderId: 'v' };
  const noAnswer: VenueReport = { kind: 'no-answer', clientOrderId: 'a', reason: 'TIMEOUT' };

  it('keeps reports in order until they are settled, and drops what is said again', () => {
    const inbox = new ReportInbox();
    inbox.receive(acknowledged, 5n);
    inbox.receive(noAnswer, 7n);
    inbox.receive(acknowledged, 9n);
    expect(inbox.due()).toMatchObject({ id: 'a/acknowledged', at: 5n });
    expect(inbox.due()).toBe(inbox.due());
    inbox.settled('a/acknowledged');
    expect(inbox.due()).toMatchObject({ at: 7n, report: { kind: 'no-answer' } });
    inbox.receive(acknowledged, 11n);
    expect(drain(inbox)).toHaveLength(1);
  });

  it('delivers the answer to a question although the same was settled before', () => {
    const inbox = new ReportInbox();
    inbox.receive(acknowledged, 5n);
    inbox.settled('a/acknowledged');
    inbox.beginQuery('a');
    inbox.receive(acknowledged, 6n);
    expect(drain(inbox)).toMatchObject([{ id: 'a/query-1/acknowledged', report: acknowledged }]);
  });

  it('not knowing is news each time', () => {
    const inbox = new ReportInbox();
    inbox.receive(noAnswer, 1n);
    inbox.receive(noAnswer, 2n);
    expect(new Set(drain(inbox).map(({ id }) => id)).size).toBe(2);
  });
});
