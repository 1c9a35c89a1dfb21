import { nothing } from './entry';
import type { EventEntry } from './entry';

export const DESK_EVENTS = {
  BookRequested: {
    schema: 'desk.v1.BookRequested',
    version: 1,
    readBy: ['risk', 'strategy', 'execution'],
    projection: nothing,
    incident: nothing,
    pack: 'config_changes',
    postings: nothing,
  },
  TradeBooked: {
    schema: 'desk.v1.TradeBooked',
    version: 1,
    readBy: ['risk'],
    projection: nothing,
    incident: nothing,
    pack: 'config_changes',
    postings: nothing,
  },
  TradeCorrected: {
    schema: 'desk.v1.TradeCorrected',
    version: 1,
    readBy: ['risk'],
    projection: nothing,
    incident: 'note',
    pack: 'config_changes',
    postings: nothing,
  },
  ExpiryRecorded: {
    schema: 'desk.v1.ExpiryRecorded',
    version: 1,
    readBy: ['risk'],
    projection: nothing,
    incident: nothing,
    pack: 'config_changes',
    postings: nothing,
  },
  BookCloseRequested: {
    schema: 'desk.v1.BookCloseRequested',
    version: 1,
    readBy: ['risk'],
    projection: nothing,
    incident: nothing,
    pack: 'config_changes',
    postings: nothing,
  },
} as const satisfies Readonly<Record<string, EventEntry>>;
