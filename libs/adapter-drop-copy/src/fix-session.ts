import { BEGIN_STRING, encodeFix } from './fix-message';
import type { FixField, FixMessage, Garbled } from './fix-message';
import type { SequenceNumbers } from './sequence-file';
import { ConnectionOver, SessionStopped } from './session-end';
import type { DropCopySettings } from './settings';

export interface SessionPorts {
  readonly numbers: SequenceNumbers;
  write(bytes: Buffer): void;
  /** Resolves once what an ExecutionReport tells is durable. */
  report(message: FixMessage): Promise<void>;
  note(text: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}

const LOGON_MS = 10_000;
const RESEND_MS = 30_000;
const LOGOUT_MS = 2_000;
/** Of the heartbeat interval: silence is asked about, and then is the end. */
const ASK_AFTER = 1.2;
const SILENT_AFTER = 2.4;
/** Trades in words that are not read here: going on would leave them out of the book. */
const TRADES_UNREAD = new Set(['AE', 'AR']);

/**
 * The initiator's side of a FIX 4.4 session that only receives. The inbound number is kept after what the message tells is durable, the
 * outbound one before the message leaves. Throws `ConnectionOver` and `SessionStopped`. Its calls must not overlap.
 */
export class FixSession {
  private isOn = false;
  private isLeaving = false;
  private readonly openedMs: number;
  private heardMs: number;
  private sentMs: number;
  private askedMs: number | undefined;
  /** What was asked for again: until when it is waited for, from the last of it, and up to which number it goes. */
  private lacking: { readonly sinceMs: number; readonly upTo: number } | undefined;

  constructor(
    private readonly settings: DropCopySettings,
    private readonly password: string | undefined,
    private readonly ports: SessionPorts,
  ) {
    this.openedMs = this.heardMs = this.sentMs = ports.now();
  }

  get loggedOn(): boolean {
    return this.isOn;
  }

  logon(): void {
    const { heartbeatSeconds, username } = this.settings;
    this.send('A', [
      [98, '0'],
      [108, String(heartbeatSeconds)],
      ...(username === undefined ? [] : [[553, username] as const]),
      ...(this.password === undefined ? [] : [[554, this.password] as const]),
    ]);
  }

  /** Says good-bye; what comes afterwards is not taken any more. */
  logout(text?: string): void {
    if (this.isLeaving) return;
    this.isLeaving = true;
    this.send('5', text === undefined ? [] : [[58, text]]);
  }

  /** Time passes: called about every second, and more often where heartbeats are short. */
  tick(): void {
    const now = this.ports.now();
    if (!this.isOn) {
      if (now - this.openedMs >= LOGON_MS) throw new ConnectionOver('no answer to the logon');
      return;
    }
    if (this.isLeaving) {
      // Nothing may follow a logout.
      if (now - this.sentMs >= LOGOUT_MS) throw new ConnectionOver('no answer to the logout');
      return;
    }
    const interval = this.settings.heartbeatSeconds * 1_000;
    const silence = now - this.heardMs;
    if (silence >= SILENT_AFTER * interval)
      throw new ConnectionOver(`silent for ${Math.round(silence / 1_000)} s`);
    if (this.lacking !== undefined && now - this.lacking.sinceMs >= RESEND_MS)
      throw new ConnectionOver('no answer to the request to send again');
    if (silence >= ASK_AFTER * interval && this.askedMs === undefined) {
      this.askedMs = now;
      this.send('1', [[112, String(now)]]);
    } else if (now - this.sentMs >= interval) this.send('0');
  }

  async receive(message: FixMessage | Garbled): Promise<void> {
    if ('garbled' in message) {
      this.ports.note(`passed over bytes that are no message: ${message.garbled}`);
      return;
    }
    this.heardMs = this.ports.now();
    this.askedMs = undefined;
    if (this.isLeaving && message.type !== '5') return;
    this.requireOurs(message);
    const seq = message.count(34);
    if (seq === undefined) throw this.stop('a message without MsgSeqNum');
    if (!this.isOn) this.takeLogon(message);
    if (message.type === '4' && message.text(123) !== 'Y') return this.takeReset(message);
    const { inbound } = this.ports.numbers;
    if (seq > inbound) return this.ahead(message, seq);
    if (seq < inbound) return this.behind(message, seq);
    await this.take(message, seq);
    this.heardMs = this.ports.now(); // What was slow was ours.
  }

  private requireOurs(message: FixMessage): void {
    const { senderCompId, targetCompId } = this.settings;
    if (message.text(8) !== BEGIN_STRING) throw this.stop(`speaks ${message.text(8)}, not ${BEGIN_STRING}`);
    if (message.text(49) !== targetCompId || message.text(56) !== senderCompId)
      throw this.stop(`a message from ${message.text(49)} to ${message.text(56)}`);
  }

  private takeLogon(message: FixMessage): void {
    const said = message.text(58) ?? 'without a reason';
    if (message.type === '5' || message.type === '3') throw new SessionStopped(`logon refused: ${said}`);
    if (message.type !== 'A') throw this.stop(`answers the logon with message type ${message.type}`);
    if (message.text(98) !== '0') throw this.stop(`wants EncryptMethod ${message.text(98)}`);
    if (message.text(141) === 'Y' && this.ports.numbers.inbound !== 1)
      throw this.stop(
        `begins its numbers anew, and ${this.ports.numbers.inbound} is expected; where that is agreed, use --begin-anew`,
      );
    this.isOn = true;
    this.ports.note(`logged on to ${this.settings.targetCompId}`);
  }

  /** Numbers that jump without a gap fill would pass over what nobody has seen. */
  private takeReset(message: FixMessage): void {
    const { inbound } = this.ports.numbers;
    const next = message.count(36);
    if (next !== inbound)
      throw this.stop(
        `jumps to number ${next}, and ${inbound} is expected; where that is agreed, use --begin-anew`,
      );
  }

  /** Left out, as it comes again with what was asked for; what must not wait for that is answered. */
  private ahead(message: FixMessage, seq: number): void {
    const { inbound } = this.ports.numbers;
    if (message.type === '2') this.sendAgain(message);
    if (message.type === '5') this.leave(message);
    if (this.lacking !== undefined) {
      this.lacking = { ...this.lacking, upTo: Math.max(seq, this.lacking.upTo) };
      return;
    }
    this.ports.note(`number ${seq} where ${inbound} is expected: asked for what lacks`);
    this.lacking = { sinceMs: this.ports.now(), upTo: seq };
    this.send('2', [
      [7, String(inbound)],
      [16, '0'],
    ]);
  }

  private async behind(message: FixMessage, seq: number): Promise<void> {
    if (message.text(43) !== 'Y')
      throw this.stop(
        `number ${seq}, not marked as sent before, where ${this.ports.numbers.inbound} is expected; where both sides begin anew, use --begin-anew`,
      );
    // It is on record by its ExecID, or it was passed over and must be.
    if (message.type === '8') await this.ports.report(message);
  }

  private async take(message: FixMessage, seq: number): Promise<void> {
    const { numbers, note } = this.ports;
    let next = seq + 1;
    if (message.type === '8') await this.ports.report(message);
    else if (message.type === '4') {
      next = message.count(36) ?? 0;
      if (next <= seq) throw this.stop(`a gap fill from ${seq} to ${next}`);
      note(`numbers ${seq} to ${next - 1} were filled: the other side says that they hold no report`);
    } else if (TRADES_UNREAD.has(message.type))
      throw this.stop(
        `message type ${message.type} at number ${seq}: trades are read from ExecutionReports alone`,
      );
    numbers.keep({ inbound: next });
    this.settle(next);
    this.answer(message, seq);
  }

  /** What came ahead was left out: the gap is filled once its number is behind. */
  private settle(next: number): void {
    if (this.lacking === undefined) return;
    this.lacking = next > this.lacking.upTo ? undefined : { ...this.lacking, sinceMs: this.ports.now() };
  }

  private answer(message: FixMessage, seq: number): void {
    switch (message.type) {
      case '1':
        return this.send('0', message.text(112) === undefined ? [] : [[112, message.text(112) ?? '']]);
      case '2':
        return this.sendAgain(message);
      case '3':
      case 'j':
        return this.ports.note(`the other side rejects a message of ours: ${message.toString()}`);
      case '5':
        return this.leave(message);
      case '0':
      case '4':
      case '8':
      case 'A':
        return;
      default:
        this.ports.note(`number ${seq} is of type ${message.type}, which is not read here`);
        this.send('j', [
          [45, String(seq)],
          [372, message.type],
          [380, '3'],
        ]);
    }
  }

  /** All that we ever send is of the session itself, which is never sent again. */
  private sendAgain(message: FixMessage): void {
    const from = message.count(7);
    const { outbound } = this.ports.numbers;
    if (from === undefined || from < 1 || from >= outbound)
      throw this.stop(`asks for number ${message.text(7)}`);
    this.write('4', from, [
      [123, 'Y'],
      [36, String(outbound)],
    ]);
  }

  private leave(message: FixMessage): never {
    this.logout();
    throw new ConnectionOver(`the other side logs out: ${message.text(58) ?? 'without a reason'}`);
  }

  private stop(why: string): SessionStopped {
    this.logout(why.slice(0, 200));
    return new SessionStopped(`${this.settings.targetCompId}: ${why}`);
  }

  private send(type: string, fields: readonly FixField[] = []): void {
    const seq = this.ports.numbers.outbound;
    this.ports.numbers.keep({ outbound: seq + 1 });
    this.write(type, seq, fields);
  }

  private write(type: string, seq: number, fields: readonly FixField[]): void {
    const { senderCompId, targetCompId } = this.settings;
    const now = this.ports.now();
    this.sentMs = now;
    const time = utcTimestamp(now);
    this.ports.write(
      encodeFix([
        [35, type],
        [49, senderCompId],
        [56, targetCompId],
        [34, String(seq)],
        ...(type === '4'
          ? ([
              [43, 'Y'],
              [122, time],
            ] as const)
          : []),
        [52, time],
        ...fields,
      ]),
    );
  }
}

function utcTimestamp(ms: number): string {
  const [day = '', time = ''] = new Date(ms).toISOString().split('T');
  return `${day.replaceAll('-', '')}-${time.slice(0, 12)}`;
}
