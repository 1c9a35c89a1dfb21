import { nothing } from './entry';
import type { EventEntry } from './entry';

export const RISK_EVENTS = {
  BookOpened: {
    schema: 'risk.v1.BookOpened',
    version: 1,
    readBy: ['risk', 'report', 'tca'],
    projection: ['books'],
    incident: nothing,
    pack: 'config_changes',
    postings: nothing,
  },
  PositionAdopted: {
    schema: 'risk.v1.PositionAdopted',
    version: 1,
    readBy: ['risk'],
    projection: ['positions', 'position_changes'],
    incident: nothing,
    pack: nothing,
    postings: 'entries',
  },
  FillApplied: {
    schema: 'risk.v1.FillApplied',
    version: 1,
    readBy: ['risk', 'strategy', 'execution', 'report'],
    projection: ['positions', 'position_changes'],
    incident: nothing,
    pack: nothing,
    postings: 'entries',
  },
  FundingAccrued: {
    schema: 'risk.v1.FundingAccrued',
    version: 1,
    readBy: ['risk'],
    projection: ['position_changes'],
    incident: nothing,
    pack: nothing,
    postings: 'entries',
  },
  OptionSettled: {
    schema: 'risk.v1.OptionSettled',
    version: 1,
    readBy: ['risk'],
    projection: ['positions', 'position_changes'],
    incident: nothing,
    pack: nothing,
    postings: 'entries',
  },
  RiskSnapshotTaken: {
    schema: 'risk.v1.RiskSnapshotTaken',
    version: 1,
    readBy: ['risk', 'strategy', 'execution', 'report', 'tca'],
    projection: ['pnl', 'exposures'],
    incident: nothing,
    pack: nothing,
    postings: nothing,
  },
} as const satisfies Readonly<Record<string, EventEntry>>;
