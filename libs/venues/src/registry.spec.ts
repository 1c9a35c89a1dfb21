import { z } from 'zod';
import type { OpenedAccount, VenueConnector } from './connector';
import { openVenues, parseVenueAccess, realVenues } from './registry';
import type { ConnectorDefinition, ConnectorHost } from './registry';

/** Says by its key how it was opened, and speaks with nobody. */
const quiet = (accountKey: string): VenueConnector => ({
  time: 'wall',
  accountKey,
  start: () => undefined,
  stop: () => Promise.resolve(),
  submit: () => undefined,
  amend: () => undefined,
  cancel: () => 'sent',
  cancelAll: () => 'sent',
  openOrders: () => Promise.resolve([]),
  backlog: { waiting: 0, dropped: 0 },
  query: () => undefined,
  reconcile: () => undefined,
  knows: () => undefined,
  onMarket: () => undefined,
  due: () => undefined,
  settled: () => undefined,
  lastSettledAt: undefined,
});

const settings = z.strictObject({ door: z.string().min(1) });
const definition = (
  connector: string,
  keyOf: (account: OpenedAccount) => string,
): ConnectorDefinition<{ door: string }> => ({
  connector,
  finality: 'at-once',
  onConnectionLost: 'in-house',
  settings,
  isReal: ({ door }) => door !== 'ours',
  keys: () => [],
  checkKeys: () => undefined,
  connect:
    ({ door }) =>
    (account) =>
      quiet(`${connector} ${door} ${keyOf(account)}`),
});
const DEFINITIONS = [
  definition('front', ({ book }) => book),
  definition('shared', () => 'everybody'),
] as readonly ConnectorDefinition[]; // each reads its own settings before it sees them
const HOST: ConnectorHost = { clock: () => 0n, environment: {}, life: '1' };
const EVENTS = { onNews: () => undefined, onNote: () => undefined, onReady: () => undefined };
const account = (venue: string, book: string): OpenedAccount => ({ venue, book, specifications: [] });

const open = (access: object) =>
  openVenues(DEFINITIONS, parseVenueAccess(JSON.stringify(access), 'EK_VENUES'), HOST);

describe('the connector of an account', () => {
  it('is chosen by account, then by venue, then for every other one', () => {
    const opener = open({
      'north/a': { connector: 'front', door: 'own' },
      north: { connector: 'front', door: 'north' },
      '*': { connector: 'front', door: 'rest' },
    });
    const keys = [account('north', 'a'), account('north', 'b'), account('south', 'a')].map(
      (one) => opener(one, EVENTS).accountKey,
    );
    expect(keys).toEqual(['front own a', 'front north b', 'front rest a']);
  });

  it('is refused where the venue has no settings', () => {
    const opener = open({ north: { connector: 'front', door: 'x' } });
    expect(() => opener(account('south', 'a'), EVENTS)).toThrow(/book a has an account at south/);
  });

  it('is refused to a second book on the same account, which could not be reconciled apart', () => {
    const opener = open({ '*': { connector: 'shared', door: 'x' } });
    opener(account('north', 'a'), EVENTS);
    expect(() => opener(account('north', 'b'), EVENTS)).toThrow(
      /books a and b would trade on one account at north/,
    );
    // The same account may be opened again, and the same key at another venue is another account.
    opener(account('north', 'a'), EVENTS);
    opener(account('south', 'b'), EVENTS);
  });

  it('reads its own settings; every problem is named at once, with its place', () => {
    expect(() => open({ north: { connector: 'front', door: '' }, south: { connector: 'rear' } })).toThrow(
      /north\.door[\s\S]*south\.connector: must be one of front, shared, not "rear"/,
    );
    expect(() => parseVenueAccess('{"north":{}}', 'EK_VENUES')).toThrow(/north\.connector/);
    expect(() => parseVenueAccess('nonsense', 'EK_VENUES')).toThrow(/is not JSON/);
  });

  it('counts as real unless its connector knows that it is not', () => {
    const settings = {
      north: { connector: 'front', door: 'ours' },
      south: { connector: 'front', door: 'theirs' },
      east: { connector: 'front', door: '' },
      west: { connector: 'unheard-of' },
    };
    expect(realVenues(DEFINITIONS, settings)).toEqual(['south', 'east', 'west']);
  });
});
