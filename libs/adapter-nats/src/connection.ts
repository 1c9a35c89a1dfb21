import { readFileSync } from 'node:fs';
import { checkServerIdentity } from 'node:tls';
import type { ConnectionOptions as TlsSocketOptions, PeerCertificate } from 'node:tls';
import { connect } from '@nats-io/transport-node';
import { PermissionViolationError, RequestError } from '@nats-io/nats-core';
import type { ConnectionOptions, NatsConnection, Payload, TlsOptions } from '@nats-io/nats-core';
import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import { parseBusAddress } from './bus-address';
import type { BusAddress } from './bus-address';
import { credentialOf } from './bus-access';
import type { BusAccess } from './bus-access';
import { connectFailure, notPermitted } from './connection-errors';
import type { NotPermitted } from './connection-errors';
import { inboxOf } from './permissions';
import { isNewEnough } from './server/nats-server-binary';

export interface ConnectOptions {
  /** The server has refused something that nobody waits for an answer to, or said so ahead of the answer. */
  readonly onRefused?: (refusal: NotPermitted) => void;
}

/**
 * A connection that reconnects for ever. Outside the loopback it is TLS or nothing, and with a CA file also there; the
 * server must show a certificate for the name it was called by. A server that is too old is refused with one sentence.
 */
export async function connectNats(
  to: string | BusAccess,
  name: string,
  { onRefused = warn }: ConnectOptions = {},
): Promise<NatsConnection> {
  const access = typeof to === 'string' ? { url: to } : to;
  const address = parseBusAddress(access.url);
  const { identity, publicKey, authenticator } = credentialOf(access, address);
  const tls = tlsOf(access, address);
  const options: ConnectionOptions = {
    servers: [...address.servers],
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    pingInterval: 5_000,
    timeout: 5_000,
    // Servers that others name would not be among those whose certificates are known.
    ignoreClusterUpdates: true,
    // A credential that is refused may be renewed: the file is read again at each attempt.
    ignoreAuthErrorAbort: true,
    // A stack captured for each request that may fail took a twentieth of a service's processor time.
    noAsyncTraces: true,
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(publicKey === undefined ? {} : { inboxPrefix: inboxOf(publicKey) }),
    ...(tls === undefined ? {} : { tls }),
  };
  let connection: NatsConnection;
  try {
    connection = await connect(options);
  } catch (cause) {
    throw connectFailure(cause, address.servers.join(','), identity);
  }
  const version = connection.info?.version ?? '0.0.0';
  if (!isNewEnough(version)) {
    await connection.close();
    throw new OperationalError({
      code: 'NATS.SERVER_TOO_OLD',
      message: `the NATS server at ${address.servers.join(',')} is version ${version}; Evenkeel needs 2.14 or newer: upgrade it, or unset NATS_URL to use the embedded one`,
    });
  }
  nameRefusals(connection, identity, onRefused);
  return connection;
}

/** Every refusal of the server is an error by its name: for the call that it answers, and for whoever watches. */
function nameRefusals(
  connection: NatsConnection,
  identity: string,
  onRefused: (refusal: NotPermitted) => void,
): void {
  const request = connection.request.bind(connection);
  connection.request = async (subject, payload, options) => {
    try {
      return await request(consumerNamed(subject, payload), payload, options);
    } catch (error) {
      const cause = error instanceof RequestError ? error.cause : error;
      throw cause instanceof PermissionViolationError ? notPermitted(cause, identity) : error;
    }
  };
  void (async () => {
    for await (const status of connection.status())
      if (status.type === 'error' && status.error instanceof PermissionViolationError)
        onRefused(notPermitted(status.error, identity));
  })();
}

const NAMELESS = /^\$JS\.API\.CONSUMER\.CREATE\.[^.]+$/;

/**
 * The client leaves a consumer's name out of the subject where it has several filters. The server would then let one
 * change somebody else's consumer by its name; permissions are about subjects, so the name belongs there.
 */
function consumerNamed(subject: string, payload: Payload | undefined): string {
  if (!NAMELESS.test(subject) || payload === undefined) return subject;
  const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload);
  const { config } = JSON.parse(text) as { readonly config?: { readonly name?: string } }; // the client wrote it
  return config?.name === undefined ? subject : `${subject}.${config.name}`;
}

function warn({ message, code }: NotPermitted): void {
  process.emitWarning(message, { code });
}

function tlsOf(access: BusAccess, address: BusAddress): TlsOptions | undefined {
  const { caFile, certFile, keyFile } = access;
  if (address.isLoopback && caFile === undefined) return undefined;
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new InvalidInputError('the access to the NATS server', [
      { path: 'NATS_CERT_FILE', message: 'and NATS_KEY_FILE go together: one is missing' },
    ]);
  const socket = {
    minVersion: 'TLSv1.2',
    checkServerIdentity: (called, certificate) => identityFault(address, called, certificate),
  } satisfies TlsSocketOptions;
  return {
    // The client hands everything here on to the socket.
    ...socket,
    ...(caFile === undefined ? {} : { ca: fileText('NATS_CA_FILE', caFile) }),
    ...(certFile === undefined ? {} : { cert: fileText('NATS_CERT_FILE', certFile) }),
    ...(keyFile === undefined ? {} : { key: fileText('NATS_KEY_FILE', keyFile) }),
  };
}

/**
 * Node is not told the host of a socket that was dialled by its IP address and checks for "localhost" instead: then it
 * must be one of the addresses that we were given.
 */
function identityFault(
  { hosts }: BusAddress,
  called: string,
  certificate: PeerCertificate,
): Error | undefined {
  const candidates = hosts.includes(called) ? [called] : hosts;
  const faults = candidates.map((host) => checkServerIdentity(host, certificate));
  return faults.includes(undefined) ? undefined : faults[0];
}

function fileText(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidInputError('the access to the NATS server', [
      { path: variable, message: error instanceof Error ? error.message : String(error) },
    ]);
  }
}
