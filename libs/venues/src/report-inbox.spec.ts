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

  it('keeps no more than it may, and has the venue asked once there is room for what was dropped', () => {
    let asked = 0;
    const inbox = new ReportInbox({ waitingMax: 100, onMissed: () => (asked += 1) });
    for (let index = 0; index < 250; index += 1)
      inbox.receive({ kind: 'acknowledged', clientOrderId: `o${index}`, venueOrderId: 'v' }, 1n);
    expect(inbox.backlog).toEqual({ waiting: 100, dropped: 150 });
    expect(asked).toBe(0);
    expect(drain(inbox)).toHaveLength(100);
    expect(asked).toBe(1);
    inbox.receive(acknowledged, 2n);
    expect(drain(inbox)).toHaveLength(1);
    expect(asked).toBe(1);
  });

  it('takes and settles three hundred thousand reports in linear time', () => {
    /** Microseconds of this process alone: other processes on the machine do not count. */
    const cost = (count: number): number => {
      const inbox = new ReportInbox();
      const before = process.cpuUsage();
      for (let index = 0; index < count; index += 1) {
        inbox.receive({ kind: 'acknowledged', clientOrderId: `o${index}`, venueOrderId: 'v' }, 1n);
        inbox.settled(`o${index}/acknowledged`);
      }
      return process.cpuUsage(before).user;
    };
    cost(100_000);
    // Three times the work; a quadratic inbox takes nine times as long and more.
    expect(cost(300_000)).toBeLessThan(6 * cost(100_000) + 300_000);
  });
});
