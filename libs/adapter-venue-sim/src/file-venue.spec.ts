import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIntents, recoveryActions, recoveryCancels } from '@evenkeel/execution';
import { NANOS_PER_SECOND, createRandom } from '@evenkeel/kernel';
import { OrderFlow, PERP, START, decisionOf, specOf } from '../test/order-flow';
import { openFileVenue } from './file-venue';
import { createSimulatedVenue } from './simulated-venue';
import type { SimulatedVenueConfig } from './venue-state';

const CONFIG: SimulatedVenueConfig = {
  seed: 'file',
  specifications: [specOf(PERP)],
  jitter: '2s',
  quirks: { rejects: 0.1, lost: 0.15, silent: 0.15, partials: 0.3, splits: 0.3 },
};
const MINUTE = 60n * NANOS_PER_SECOND;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-venue-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function firstDifference(told: readonly string[], expected: readonly string[]): string {
  const index = expected.findIndex((line, place) => line !== told[place]);
  return index < 0 && told.length === expected.length
    ? ''
    : `${index}: ${told[index]} instead of ${expected[index]}`;
}

function trade(flow: OrderFlow): string[] {
  const random = createRandom('trading');
  for (let index = 0; index < 25; index += 1) {
    const at = flow.now + BigInt(20 + random.integer(60)) * NANOS_PER_SECOND;
    flow.market(String(90_000 + random.integer(300)), at);
    const price = flow.state.prices.get(PERP)?.price ?? '';
    const passive = random.next() < 0.3 ? 'passive' : 'normal';
    flow.decide(
      decisionOf(
        `d${index}`,
        at,
        `${random.next() < 0.5 ? '-' : ''}${1 + random.integer(4)}.5`,
        price,
        passive,
      ),
    );
  }
  flow.advanceTo(flow.now + 60n * MINUTE);
  return flow.events.map((event) => JSON.stringify(event));
}

describe('a venue kept in a file', () => {
  it('does the same as one kept in memory', () => {
    const venue = openFileVenue(join(folder, 'venue.jsonl'), CONFIG);
    const kept = trade(new OrderFlow(venue));
    venue.close();
    expect(kept).toEqual(trade(new OrderFlow(createSimulatedVenue(CONFIG))));
  });

  it('gives the same story when its process is killed before effects and settlings, lines torn', () => {
    const undisturbed = trade(new OrderFlow(createSimulatedVenue(CONFIG)));
    for (const seed of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      const path = join(folder, `venue-${seed}.jsonl`);
      let venue = openFileVenue(path, CONFIG);
      const flow = new OrderFlow(venue);
      const random = createRandom(`deaths/${seed}`);
      let deaths = 0;
      flow.dies = () => random.next() < 0.3;
      flow.restart = () => {
        deaths += 1;
        venue.close();
        if (random.next() < 0.5) appendFileSync(path, '{"kind":"order","order":{"clientOr');
        venue = openFileVenue(path, CONFIG);
        flow.venue = venue;
        flow.showAgain();
        for (const action of recoveryActions(flow.state)) {
          if (action.kind === 'query') venue.query(action.clientOrderId, action.at, action);
          else if (!venue.knows(action.order.clientOrderId)) venue.submit(action.order, action.at);
        }
        for (const cancel of recoveryCancels(flow.state))
          venue.cancel(cancel.clientOrderId, cancel.at, cancel);
      };
      expect(firstDifference(trade(flow), undisturbed)).toBe('');
      expect(deaths).toBeGreaterThan(10);
      expect(venue.duplicates).toBe(0);
      venue.close();
    }
  });

  it('delivers a collected report again until it is settled, across a restart', () => {
    const path = join(folder, 'venue.jsonl');
    const first = openFileVenue(path, { ...CONFIG, quirks: {}, jitter: '0ms' });
    const flow = new OrderFlow(first);
    flow.market('90000', START + 1n);
    flow.decide(decisionOf('d1', START + 1n, '1', '90000'));
    const later = START + MINUTE;
    const reports = first.collect(later);
    expect(reports.map(({ report }) => report.kind)).toEqual(['acknowledged', 'filled']);
    first.settled(reports[0]?.id ?? '');
    first.close();
    const second = openFileVenue(path, { ...CONFIG, quirks: {} });
    expect(second.collect(later)).toEqual(reports.slice(1));
    expect(second.knows(openIntents(flow.state)[0]?.clientOrderId ?? '')).toBe(true);
    second.close();
  });

  it('remembers when it was last heard, so that a host knows which wake-up it died in', () => {
    const path = join(folder, 'venue.jsonl');
    const config = { ...CONFIG, quirks: {}, jitter: '0ms' };
    const first = openFileVenue(path, config);
    const flow = new OrderFlow(first);
    flow.market('90000', START + 1n);
    flow.decide(decisionOf('d1', START + 1n, '1', '90000'));
    const wake = first.due() ?? 0n;
    expect(first.lastSettledAt).toBeUndefined();
    first.settled(first.collect(wake)[0]?.id ?? '', wake);
    first.close();
    const second = openFileVenue(path, config);
    expect(second.lastSettledAt).toBe(wake);
    second.close();
  });

  it('names the line of a damaged file and does not open it', () => {
    const path = join(folder, 'venue.jsonl');
    writeFileSync(path, '{"kind":"settled","id":"a"}\nrubbish\n');
    expect(() => openFileVenue(path, CONFIG)).toThrow(/venue\.jsonl:2 is not a record/);
    expect(readFileSync(path, 'utf8')).toContain('rubbish');
  });

  it('keeps whole records when the writer is killed in the middle of writing', async () => {
    const path = join(folder, 'venue.jsonl');
    const line = `{"kind":"settled","id":"${'x'.repeat(2000)}"}\n`;
    const script = `const fs=require('fs');const d=fs.openSync(${JSON.stringify(path)},'a');for(;;)fs.writeSync(d,${JSON.stringify(line)})`;
    const child = spawn(process.execPath, ['-e', script]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await waitFor(() => {
      try {
        return readFileSync(path).length > 200_000;
      } catch {
        return false;
      }
    });
    child.kill('SIGKILL');
    await ended;
    const venue = openFileVenue(path, CONFIG);
    venue.close();
    expect(readFileSync(path).length % Buffer.byteLength(line)).toBe(0);
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
