import { nothing } from './entry';
import type { EventEntry } from './entry';

export const CARRY_EVENTS = {
  EpochCarried: {
    schema: 'governance.v1.EpochCarried',
    version: 1,
    readBy: nothing,
    projection: nothing,
    incident: 'note',
    pack: 'config_changes',
    postings: nothing,
  },
  BookCarried: {
    schema: 'risk.v1.BookCarried',
    version: 1,
    readBy: ['risk'],
    projection: ['positions'],
    incident: nothing,
    pack: nothing,
    postings: 'entries',
  },
  ProgramCarried: {
    schema: 'strategy.v1.ProgramCarried',
    version: 1,
    readBy: ['strategy'],
    projection: nothing,
    incident: nothing,
    pack: nothing,
    postings: nothing,
  },
  AccountCarried: {
    schema: 'execution.v1.AccountCarried',
    version: 1,
    readBy: ['execution'],
    projection: nothing,
    incident: nothing,
    pack: nothing,
    postings: nothing,
  },
  ControlsCarried: {
    schema: 'execution.v1.ControlsCarried',
    version: 1,
    readBy: ['execution'],
    projection: nothing,
    incident: nothing,
    pack: nothing,
    postings: nothing,
  },
  OrderCarried: {
    schema: 'execution.v1.OrderCarried',
    version: 1,
    readBy: ['execution', 'live'],
    projection: ['orders'],
    incident: nothing,
    pack: nothing,
    postings: nothing,
  },
} as const satisfies Readonly<Record<string, EventEntry>>;
