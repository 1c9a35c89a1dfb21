import { nothing } from './entry';
import type { EventEntry } from './entry';

export const PRICE_EVENTS = {
  PriceHalted: {
    schema: 'price.v1.PriceHalted',
    version: 1,
    readBy: ['live'],
    projection: ['halts'],
    incident: 'act',
    pack: 'incidents',
    postings: nothing,
  },
  PriceRestored: {
    schema: 'price.v1.PriceRestored',
    version: 1,
    readBy: nothing,
    projection: ['halts'],
    incident: 'note',
    pack: 'incidents',
    postings: nothing,
  },
  SourceDegraded: {
    schema: 'price.v1.SourceDegraded',
    version: 1,
    readBy: ['live'],
    projection: nothing,
    incident: 'act',
    pack: 'incidents',
    postings: nothing,
  },
  SourceRecovered: {
    schema: 'price.v1.SourceRecovered',
    version: 1,
    readBy: nothing,
    projection: nothing,
    incident: 'note',
    pack: 'incidents',
    postings: nothing,
  },
  ConnectionNoted: {
    schema: 'price.v1.ConnectionNoted',
    version: 1,
    readBy: ['live'],
    projection: nothing,
    incident: 'note',
    pack: 'incidents',
    postings: nothing,
  },
  InstrumentSettled: {
    schema: 'price.v1.InstrumentSettled',
    version: 1,
    readBy: nothing,
    projection: ['settlements'],
    incident: nothing,
    pack: nothing,
    postings: nothing,
  },
} as const satisfies Readonly<Record<string, EventEntry>>;
