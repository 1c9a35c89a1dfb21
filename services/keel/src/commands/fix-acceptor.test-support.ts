import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { FixReader, encodeFix } from '@evenkeel/adapter-drop-copy';
import type { FixField, FixMessage } from '@evenkeel/adapter-drop-copy';

/** The other side of a drop copy on this machine: real bytes, each message as the test has it. */
export class Acceptor {
  private readonly server: Server;
  private socket: Socket | undefined;
  private readonly heard: FixMessage[] = [];
  private readonly waiting: { type: string; resolve: (message: FixMessage) => void }[] = [];
  connections = 0;

  private constructor() {
    this.server = createServer((socket) => {
      this.connections += 1;
      this.socket = socket;
      const reader = new FixReader();
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        for (const message of reader.push(bytes)) {
          if ('garbled' in message) continue;
          this.hear(message);
          // Who logs out is answered by the end of the connection.
          if (message.type === '5') socket.end();
        }
      });
    });
  }

  static async open(): Promise<Acceptor> {
    const acceptor = new Acceptor();
    await new Promise<void>((resolve) => acceptor.server.listen(0, '127.0.0.1', resolve));
    return acceptor;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // it listens on TCP
  }

  private hear(message: FixMessage): void {
    const at = this.waiting.findIndex(({ type }) => type === message.type);
    if (at < 0) this.heard.push(message);
    else this.waiting.splice(at, 1)[0]?.resolve(message);
  }

  /** The next message of a type, those that came already first. */
  got(type: string): Promise<FixMessage> {
    const at = this.heard.findIndex((message) => message.type === type);
    const [found] = at < 0 ? [] : this.heard.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => this.waiting.push({ type, resolve }));
  }

  send(
    type: string,
    seq: number,
    fields: readonly FixField[] = [],
    change = (bytes: Buffer): Buffer => bytes,
  ): void {
    const head: FixField[] = [
      [35, type],
      [49, 'PRIME'],
      [56, 'DESK'],
      [34, String(seq)],
      [52, '20260701-10:00:00.000'],
    ];
    this.socket?.write(change(encodeFix([...head, ...fields])));
  }

  async logon(seq = 1): Promise<FixMessage> {
    const asked = await this.got('A');
    this.send('A', seq, [
      [98, '0'],
      [108, '1'],
    ]);
    return asked;
  }

  drop(): void {
    this.socket?.destroy();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
