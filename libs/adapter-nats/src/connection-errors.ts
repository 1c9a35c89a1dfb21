import { AuthorizationError, ConnectionError, UserAuthenticationExpiredError } from '@nats-io/nats-core';
import type { PermissionViolationError } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';

/** The server refuses an identity a subject. */
export class NotPermitted extends OperationalError {
  readonly operation: 'publish' | 'subscription';
  readonly subject: string;
  /** Who asked; never a secret. */
  readonly identity: string;

  constructor(violation: PermissionViolationError, identity: string) {
    const { operation, subject } = violation;
    const what = operation === 'publish' ? 'publish on' : 'subscribe to';
    super({
      code: 'NATS.NOT_PERMITTED',
      message: `the NATS server does not let ${identity} ${what} ${subject}; \`keel doctor\` says who may do what`,
      cause: violation,
    });
    this.operation = operation;
    this.subject = subject;
    this.identity = identity;
  }
}

export function notPermitted(violation: PermissionViolationError, identity: string): NotPermitted {
  return new NotPermitted(violation, identity);
}

const CERTIFICATE = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_OSSL)/;

/** Why no connection came about, by its own name. */
export function connectFailure(cause: unknown, servers: string, identity: string): OperationalError {
  if (cause instanceof OperationalError) return cause;
  const text = messageOf(cause);
  if (cause instanceof AuthorizationError || cause instanceof UserAuthenticationExpiredError)
    return new OperationalError({
      code: 'NATS.NOT_AUTHORISED',
      message:
        identity === 'nobody'
          ? `the NATS server at ${servers} asks for a credential: set NATS_CREDS_FILE, or NATS_CREDS_DIR where several identities are needed; \`keel bus <folder> --host <name>\` writes one for each`
          : `the NATS server at ${servers} does not accept ${identity}: ${text}; its users are those of server/nats.conf that \`keel bus\` wrote with the credentials`,
      cause,
    });
  if (cause instanceof ConnectionError && /does not support 'tls'/.test(text))
    return new OperationalError({
      code: 'NATS.TLS_MISSING',
      message: `the NATS server at ${servers} offers no TLS; outside the loopback nothing is said without it: \`keel bus <folder> --host <name>\` writes configuration and certificate`,
      cause,
    });
  const code = codeOf(cause);
  if (CERTIFICATE.test(code))
    return new OperationalError({
      code: 'NATS.SERVER_NOT_TRUSTED',
      message: `the NATS server at ${servers} is not shown to be the right one (${code}: ${text}): set NATS_CA_FILE to the certificate of who vouches for it`,
      cause,
    });
  return new OperationalError({
    code: 'NATS.UNREACHABLE',
    message: `no NATS server answers at ${servers}: start one, or unset NATS_URL to use the embedded one`,
    cause,
  });
}

/** Of the error or what caused it: Node's own, whichever realm it is of. */
function codeOf(error: unknown): string {
  for (let at = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined)
    if ('code' in at && typeof at.code === 'string' && CERTIFICATE.test(at.code)) return at.code;
  return '';
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}
