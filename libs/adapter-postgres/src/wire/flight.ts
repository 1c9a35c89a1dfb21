import { Buffer } from 'node:buffer';
import { required } from '@evenkeel/kernel';
import type { ClientBase, Connection, Submittable } from 'pg';

/** One statement of a flight: with its values, with the rows that its COPY takes in, or with what hears the rows it sends. */
export type Statement =
  | { readonly sql: string; readonly values?: readonly (string | Buffer | null)[] }
  | { readonly sql: string; readonly rows: readonly Uint8Array[] }
  | { readonly sql: string; readonly into: (chunk: Uint8Array) => void };

/** The fields of its rows, as text. */
export type FlightRows = readonly (readonly (string | null)[])[];

const COPY_DATA = 0x64;
const HEAD_BYTES = 5;
const LENGTH_BYTES = 4;

/** What the driver's connection has besides what its types say. */
type Wire = Connection & {
  parse(query: { name: string; text: string; types: readonly number[] }): void;
  bind(config: {
    statement: string;
    portal: string;
    values: readonly unknown[];
    valueMapper: (value: unknown) => unknown;
  }): void;
  execute(config: { portal: string; rows: number }): void;
  sync(): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
};

/** Statements that this connection has been told once, by their text. */
type Known = Map<string, string>;

const known = new WeakMap<ClientBase, Known>();
const STATEMENTS_MAX = 500;

/**
 * Sends statements one after the other without waiting for answers in between, COPY data included, and resolves with the rows
 * of each when all are done. The first that fails ends the flight: the server passes over the rest. A statement is parsed and
 * planned once per connection.
 */
export function flight(client: ClientBase, statements: readonly Statement[]): Promise<readonly FlightRows[]> {
  let names = known.get(client);
  if (names === undefined || names.size > STATEMENTS_MAX) known.set(client, (names = new Map()));
  const prepared = names;
  return new Promise((resolve, reject) => {
    client.query(
      new Flight(statements, prepared, (error, rows) => {
        if (error === undefined) resolve(required(rows, 'rows of a flight'));
        else {
          // What came after the failure was never parsed.
          known.delete(client);
          reject(error);
        }
      }),
    );
  });
}

let flights = 0;

class Flight implements Submittable {
  private readonly results: (string | null)[][][] = [];
  private rows: (string | null)[][] = [];
  private settled = false;

  constructor(
    private readonly statements: readonly Statement[],
    private readonly prepared: Known,
    /** The driver wraps this where a time limit is set. */
    public callback: (error: Error | undefined, rows?: readonly FlightRows[]) => void,
  ) {}

  submit(connection: Connection): void {
    const wire = connection as Wire; // the same object
    wire.stream.cork();
    for (const statement of this.statements) this.send(wire, statement);
    wire.sync();
    wire.stream.uncork();
  }

  private send(wire: Wire, statement: Statement): void {
    // What a COPY sends is chosen by its text: each is another statement, and none comes again.
    let name = 'into' in statement ? '' : this.prepared.get(statement.sql);
    if (name === '') wire.parse({ name, text: statement.sql, types: [] });
    if (name === undefined) {
      name = `flight_${(flights += 1)}`;
      this.prepared.set(statement.sql, name);
      wire.parse({ name, text: statement.sql, types: [] });
    }
    const values = 'values' in statement ? (statement.values ?? []) : [];
    wire.bind({ statement: name, portal: '', values, valueMapper: (value) => value });
    wire.execute({ portal: '', rows: 0 });
    if (!('rows' in statement)) return;
    for (const chunk of statement.rows) {
      const head = Buffer.allocUnsafe(HEAD_BYTES);
      head[0] = COPY_DATA;
      head.writeInt32BE(chunk.length + LENGTH_BYTES, 1);
      wire.stream.write(head);
      wire.stream.write(chunk);
    }
    wire.stream.write(COPY_DONE);
  }

  handleRowDescription(): void {
    // Nothing asks for it.
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.rows.push([...message.fields]);
  }

  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    const statement = this.statements[this.results.length];
    if (statement !== undefined && 'into' in statement) statement.into(chunk);
  }

  handleCopyInResponse(): void {
    // Its data is under way.
  }

  handleCommandComplete(): void {
    this.results.push(this.rows);
    this.rows = [];
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleError(error: Error): void {
    this.settle(error);
  }

  handleReadyForQuery(): void {
    this.settle(undefined);
  }

  private settle(error: Error | undefined): void {
    if (this.settled) return;
    this.settled = true;
    this.callback(error, this.results);
  }
}

const COPY_DONE = Buffer.from([0x63, 0, 0, 0, LENGTH_BYTES]);
