import type { Commit } from '@evenkeel/eventing';
import { EVENT_TABLE, nothing } from '@evenkeel/facts';
import type { DomainEvent, PackFile } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';

/** The files of a regulator's pack. */
export type PackTable = PackFile | 'checks';

export type Cell = string | number | boolean;
export type PackRow = Readonly<Record<string, Cell>>;

/** First columns of every file: which commit says so, when, and on whose behalf. */
export const COMMON_COLUMNS = [
  'epoch',
  'seq',
  'sha256',
  'event_time',
  'host_time',
  'clock_source',
  'clock_max_error_ns',
  'producer',
  'git_sha',
  'actor',
  'book',
  'type',
] as const;

/** Columns that a file has besides the common ones; `details` is the whole payload as JSON. */
export const OWN_COLUMNS: Readonly<Record<PackTable, readonly string[]>> = {
  orders: [
    'clientOrderId',
    'decisionId',
    'venue',
    'instrument',
    'side',
    'orderType',
    'timeInForce',
    'quantity',
    'limitPrice',
    'referencePrice',
    'venueOrderId',
    'fillId',
    'price',
    'fee',
    'feeCurrency',
    'liquidity',
    'remaining',
    'unfilled',
    'reason',
    'details',
  ],
  decisions: [
    'decisionId',
    'outcome',
    'snapshotId',
    'policyKind',
    'policyHash',
    'reasons',
    'trades',
    'details',
  ],
  checks: ['of', 'id', 'name', 'limit', 'observed', 'passed'],
  overrides: ['by', 'reason', 'instrument', 'venue', 'control', 'details'],
  config_changes: [
    'proposalId',
    'kind',
    'scope',
    'contentHash',
    'proposedBy',
    'approvedBy',
    'policyHash',
    'limitsVersion',
    'reason',
    'details',
  ],
  kills: ['scope', 'by', 'reason', 'proposedBy', 'approvedBy'],
  incidents: ['instrument', 'venue', 'source', 'reasons', 'reason', 'details'],
};

export const PACK_TABLES = Object.keys(OWN_COLUMNS) as readonly PackTable[]; // its keys are these

export interface PackedCommit {
  readonly commit: Commit;
  readonly seq: number;
  /** SHA-256 of the published bytes, hex. */
  readonly sha256: string;
}

/** The rows that a commit puts into a pack: where each event goes stands in `EVENT_TABLE`. */
export function packRows(packed: PackedCommit): readonly (readonly [PackTable, PackRow])[] {
  return packed.commit.events.flatMap(({ event }) => {
    const common = commonOf(packed, event);
    const table = EVENT_TABLE[event.type].pack;
    const own: readonly (readonly [PackTable, PackRow])[] =
      table === nothing ? [] : [[table, { ...common, ...ownOf(table, event) }]];
    return [...own, ...checksOf(event).map((row) => ['checks', { ...common, ...row }] as const)];
  });
}

function commonOf({ commit, seq, sha256 }: PackedCommit, event: DomainEvent): PackRow {
  const { clock, producer, actor } = commit;
  return {
    epoch: commit.epoch,
    seq,
    sha256,
    event_time: formatInstant(clock.eventTime),
    host_time: formatInstant(clock.decidedTime),
    clock_source: clock.source,
    clock_max_error_ns: clock.maxErrorNs.toString(),
    producer: `${producer.service} ${producer.version}`,
    git_sha: producer.gitSha,
    actor: `${actor.kind}:${actor.id}`,
    book: commit.book,
    type: event.type,
  };
}

function ownOf(table: PackTable, event: DomainEvent): PackRow {
  const payload = event.payload as unknown as Readonly<Record<string, unknown>>; // payloads are plain records
  const approval = isRecord(payload['approval']) ? payload['approval'] : {};
  const fee = isRecord(payload['fee']) ? payload['fee'] : undefined;
  const source: Readonly<Record<string, unknown>> = {
    ...approval,
    ...payload,
    ...(fee === undefined ? {} : { fee: fee['amount'], feeCurrency: fee['currency'] }),
    ...(event.type === 'HedgeDecided' ? { outcome: 'HEDGED' } : {}),
    ...(event.type === 'HedgeDeclined' ? { outcome: 'DECLINED' } : {}),
    details: payload,
  };
  return Object.fromEntries(
    OWN_COLUMNS[table].flatMap((name): [string, Cell][] => {
      const value = source[name];
      return value === undefined ? [] : [[name, cellOf(value)]];
    }),
  );
}

/** Every check that an event carries, whatever it was made for. */
function checksOf({ payload }: DomainEvent): readonly PackRow[] {
  if (!('checks' in payload)) return [];
  const [of, id] =
    'clientOrderId' in payload
      ? ['order', payload.clientOrderId]
      : 'parentId' in payload
        ? ['parent-order', payload.parentId]
        : ['decision', payload.decisionId];
  return payload.checks.map(({ name, limit, observed, passed }) => ({
    of,
    id,
    name,
    limit,
    observed,
    passed,
  }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(' ');
  return JSON.stringify(value);
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is led by an apostrophe. */
export function csvLine(cells: readonly (Cell | undefined)[]): string {
  return `${cells.map((cell) => quoted(cell === undefined ? '' : guarded(cell))).join(',')}\r\n`;
}

function guarded(cell: Cell): string {
  const text = String(cell);
  return typeof cell === 'string' && /^[=+@\t\r]|^-[^\d.]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
