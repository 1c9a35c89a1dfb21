import type { DomainEvent, Mark } from '@evenkeel/facts';
import { IntegrityFault, nameProblem } from '@evenkeel/kernel';
import { commitOf, decisionDraft } from '@evenkeel/testkit';
import { decodeCommit, encodeCommit } from './commit-codec';
import { decodeInstant, encodeInstant } from './market-codec';

const AT = '2026-01-01T00:00:00Z';
/** As long as the name that it stands for, so that the bytes around it stay. */
const STAND_INS = [
  ['__proto__', 'proto-123'],
  ['constructor', 'construct0r'],
  ['hasOwnProperty', 'hasOwnPropert1'],
] as const;

function replaced(bytes: Uint8Array, text: string, by: string): Uint8Array {
  const planted = Buffer.from(bytes);
  for (let at = planted.indexOf(text); at !== -1; at = planted.indexOf(text, at + 1)) planted.write(by, at);
  expect(planted.includes(by)).toBe(true);
  return planted;
}

const fillOf = (fillId: string): DomainEvent =>
  ({
    type: 'FillBusted',
    payload: { clientOrderId: 'order-1', book: 'desk', fillId, reason: 'constructor', at: AT },
  }) as unknown as DomainEvent; // its other fields are not what this is about
const markOf = (instrument: string): Mark => ({
  instrument,
  kind: 'price',
  price: '1',
  eventTime: AT,
  receivedTime: AT,
  source: 'test',
  status: 'OK',
  reasons: ['constructor'],
});

describe.each(STAND_INS)('what others name %s', (name, standIn) => {
  it('is no book and no aggregate', () => {
    const commit = commitOf(decisionDraft(standIn, 'd', AT));
    expect(decodeCommit(encodeCommit(commit)).book).toBe(standIn);
    const planted = replaced(encodeCommit(commit), standIn, name);
    expect(() => decodeCommit(planted)).toThrow(IntegrityFault);
    expect(() => encodeCommit(commitOf(decisionDraft(name, 'd', AT)))).toThrow(
      expect.objectContaining({ code: 'CONTRACTS.UNSAFE_NAME' }),
    );
  });

  it('is no fill', () => {
    const commit = (id: string) => commitOf({ ...decisionDraft('desk', 'd', AT), events: [fillOf(id)] });
    const planted = replaced(encodeCommit(commit(standIn)), standIn, name);
    expect(() => decodeCommit(planted)).toThrow(expect.objectContaining({ code: 'CONTRACTS.UNDECODABLE' }));
  });

  it('is no mark', () => {
    const instant = {
      number: 1,
      eventTime: AT,
      marks: [markOf(standIn)],
      fundings: [],
      deliveries: [],
      wakes: [],
    };
    const published = { instant, granted: [], traceparent: '', begins: false };
    const planted = replaced(encodeInstant(published), standIn, name);
    expect(() => decodeInstant(planted)).toThrow(expect.objectContaining({ code: 'CONTRACTS.UNDECODABLE' }));
  });
});

it('says what is wrong with a name', () => {
  expect(nameProblem('BTC-PERPETUAL@deribit')).toBeUndefined();
  expect(nameProblem('Ärger-1')).toBeUndefined();
  expect(nameProblem('toString')).toMatch(/every object/);
  expect(nameProblem('x'.repeat(257))).toMatch(/257/);
  expect(nameProblem('a\nb')).toMatch(/cannot be shown/);
});

describe('what a newer build wrote', () => {
  const bytes = encodeCommit(commitOf(decisionDraft('desk', 'd', AT)));
  const unknown = expect.objectContaining({ code: 'CONTRACTS.UNKNOWN_VERSION' });

  it('is told apart from damage: an event of a type, and a version, that this build does not know', () => {
    const type = commitOf(decisionDraft('desk', 'd', AT)).events[0]?.event.type ?? '';
    expect(() => decodeCommit(replaced(bytes, type, type.replace(/.$/, 'X')))).toThrow(unknown);
  });

  it('is told apart from damage: an envelope of another version', () => {
    // Field 1, a varint.
    expect(bytes[0]).toBe(0x08);
    const next = Uint8Array.from(bytes);
    next[1] = 2;
    expect(() => decodeCommit(next)).toThrow(unknown);
  });
});
