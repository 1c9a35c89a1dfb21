import { parseInstant } from '@evenkeel/kernel';
import { ConnectionNotes } from './connection-notes';

const NOW = parseInstant('2026-01-05T00:00:00Z');

describe('what befell connections, on its way to the journal', () => {
  it('become commits of the price context, once', () => {
    const notes = new ConnectionNotes();
    notes.add('okx', { what: 'disconnected', instrument: '', detail: 'code 1006' });
    notes.add('okx', {
      what: 'clock-offset',
      instrument: '',
      detail: '',
      offsetNs: '-1270000000',
      errorNs: '2000000',
    });
    const drafts = notes.take(NOW);
    expect(drafts.map(({ aggregate }) => aggregate)).toEqual([
      { context: 'price', type: 'connection', id: 'okx' },
      { context: 'price', type: 'connection', id: 'okx' },
    ]);
    expect(drafts.flatMap(({ events }) => events.map(({ payload }) => payload))).toMatchObject([
      { what: 'disconnected', detail: 'code 1006', at: '2026-01-05T00:00:00Z' },
      { what: 'clock-offset', offsetNs: '-1270000000', errorNs: '2000000' },
    ]);
    expect(notes.take(NOW)).toEqual([]);
  });

  it('are cut in a storm, and say by how much', () => {
    const notes = new ConnectionNotes(3);
    for (let attempt = 0; attempt < 10; attempt += 1)
      notes.add('okx', { what: 'connected', instrument: '', detail: `attempt ${attempt}` });
    const said = notes.take(NOW).flatMap(({ events }) => events.map(({ payload }) => payload));
    expect(said).toHaveLength(4);
    expect(said[3]).toMatchObject({ what: 'notes-dropped', detail: '7 more' });
  });
});
