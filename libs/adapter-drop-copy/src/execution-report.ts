import type { ReportedTrade } from '@evenkeel/desk';
import { parseInstrument } from '@evenkeel/instruments';
import type { ParsedInstrument } from '@evenkeel/instruments';
import { Decimal, formatInstant, tryParseInstant } from '@evenkeel/kernel';
import type { FixMessage } from './fix-message';
import { SessionStopped } from './session-end';
import type { DropCopySettings } from './settings';

const KINDS: ReadonlyMap<string, ReportedTrade['kind']> = new Map([
  ['F', 'trade'],
  ['G', 'correction'],
  ['H', 'cancellation'],
]);
/** What orders go through without a trade. `1` and `2` are fills of FIX 4.2, which 4.4 has no more. */
const NO_TRADE = new Set([...'03456789ABCDEI']);
const SIGNS: ReadonlyMap<string, 1 | -1> = new Map([
  ['1', 1],
  ['2', -1],
  ['5', -1],
  ['6', -1],
]);
const ONCE = [6, 12, 13, 17, 19, 31, 32, 54, 55, 60, 150];

/** A trade that an ExecutionReport tells; undefined where it tells none. Throws `DROPCOPY.STOPPED` for what can't be read as one thing. */
export function tradeReported(message: FixMessage, settings: DropCopySettings): ReportedTrade | undefined {
  for (const tag of ONCE) if (message.repeats(tag)) throw unread(message, `tag ${tag} stands there twice`);
  const execType = needed(message, 150, 'ExecType');
  const kind = KINDS.get(execType);
  if (kind === undefined) {
    if (NO_TRADE.has(execType)) return undefined;
    throw unread(message, `ExecType ${execType} is none of FIX 4.4`);
  }
  const execId = needed(message, 17, 'ExecID');
  const ref = kind === 'trade' ? {} : { refersTo: needed(message, 19, 'ExecRefID') };
  const instrument = instrumentOf(message, settings);
  const sign = SIGNS.get(needed(message, 54, 'Side'));
  if (sign === undefined) throw unread(message, `Side ${message.text(54)} is neither bought nor sold`);
  const size = kind === 'cancellation' ? Decimal.parse('0') : decimal(message, 32, 'LastQty');
  if (kind !== 'cancellation' && size.sign() <= 0) throw unread(message, 'LastQty is not above 0');
  const price = kind === 'cancellation' ? {} : { price: decimal(message, 31, 'LastPx').toString() };
  if (price.price?.startsWith('-') === true) throw unread(message, 'LastPx is below 0');
  return {
    kind,
    session: settings.session,
    execId,
    ...ref,
    instrument,
    quantity: (sign < 0 ? size.negated() : size).toString(),
    ...price,
    at: timeOf(message),
    evidence: evidenceOf(message),
  };
}

function needed(message: FixMessage, tag: number, name: string): string {
  const text = message.text(tag);
  if (text === undefined) throw unread(message, `${name} (${tag}) is missing`);
  return text;
}

function decimal(message: FixMessage, tag: number, name: string): Decimal {
  const value = Decimal.tryParse(needed(message, tag, name));
  if (value === undefined || /[eE]/.test(message.text(tag) ?? ''))
    throw unread(message, `${name} "${message.text(tag)}" is not a decimal`);
  return value;
}

function unread(message: FixMessage, why: string): SessionStopped {
  return new SessionStopped(
    `message ${message.text(34)}: ${why}; nothing of it is booked: ${message.toString()}`,
  );
}

function instrumentOf(message: FixMessage, { symbols, venue }: DropCopySettings): string {
  const symbol = needed(message, 55, 'Symbol');
  const id = Object.hasOwn(symbols, symbol) ? (symbols[symbol] ?? '') : `${symbol}@${venue}`;
  const parsed = parseInstrument(id);
  if (!parsed.ok)
    throw unread(
      message,
      `${parsed.failure.message}: name Symbol "${symbol}" in \`symbols\` of the settings`,
    );
  const other = otherTerms(message, parsed.value);
  if (other !== undefined) throw unread(message, `${id} is another contract: ${other}`);
  return id;
}

/** What the report says of the contract besides its symbol, where that is not so. */
function otherTerms(message: FixMessage, parsed: ParsedInstrument): string | undefined {
  const { strike, optionType, expiry, quote } = parsed;
  const said = message.text(202);
  const saidStrike = said === undefined ? undefined : Decimal.tryParse(said);
  if (said !== undefined && (strike === undefined || saidStrike?.compare(strike) !== 0))
    return `StrikePrice ${said}`;
  const right = message.text(201);
  if (right !== undefined && right !== { put: '0', call: '1' }[optionType ?? 'put'])
    return `PutOrCall ${right}`;
  if (right !== undefined && optionType === undefined) return `PutOrCall ${right}`;
  const day = expiry === undefined ? '' : formatInstant(expiry).slice(0, 10).replaceAll('-', '');
  for (const tag of [200, 541]) {
    const date = message.text(tag);
    if (date !== undefined && (day === '' || !day.startsWith(date))) return `maturity ${date}`;
  }
  const currency = message.text(15);
  return currency === undefined || currency === quote ? undefined : `its price in ${currency}`;
}

/** `20260105-12:30:00.123`, always UTC. */
function timeOf(message: FixMessage): string {
  const text = needed(message, 60, 'TransactTime');
  const [, y, m, d, time] = /^(\d{4})(\d{2})(\d{2})-(\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)$/.exec(text) ?? [];
  const instant = time === undefined ? undefined : tryParseInstant(`${y}-${m}-${d}T${time}Z`);
  if (instant === undefined) throw unread(message, `TransactTime "${text}" is not a UTC time`);
  return formatInstant(instant);
}

function evidenceOf(message: FixMessage): string {
  const commission = message.text(12);
  return [
    `FIX ExecID ${message.text(17)}`,
    ...(message.text(37) === undefined ? [] : [`order ${message.text(37)}`]),
    ...(commission === undefined
      ? []
      : [`commission ${commission} ${message.text(479) ?? ''} (CommType ${message.text(13) ?? 'not told'})`]),
  ].join(', ');
}
