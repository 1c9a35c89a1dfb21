import { X509Certificate, generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { md, pki } from 'node-forge';

/** A certificate and its private key, as PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const SERVER_DAYS = 730;
const RENEW_DAYS = 30;
const BACKDATED_MS = 3_600_000;
const DNS = 2;
const IP = 7;

/** An authority that vouches for the servers of one installation and for nothing else. */
export function createAuthority(nowMs: number): Certified {
  const key = newKey();
  return {
    key,
    cert: issue({
      subject: 'Evenkeel bus authority',
      publicKeyOf: key,
      signedBy: { subject: 'Evenkeel bus authority', key },
      nowMs,
      days: AUTHORITY_DAYS,
      extensions: [
        { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        { name: 'subjectKeyIdentifier' },
      ],
    }),
  };
}

/** A certificate for a server that is called by these names and addresses. */
export function createServerCertificate(
  authority: Certified,
  hosts: readonly string[],
  nowMs: number,
): Certified {
  const key = newKey();
  return {
    key,
    cert: issue({
      subject: hosts[0] ?? 'nats',
      publicKeyOf: key,
      signedBy: { subject: 'Evenkeel bus authority', key: authority.key },
      nowMs,
      days: SERVER_DAYS,
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: hosts.map((host) =>
            isIP(host) === 0 ? { type: DNS, value: host } : { type: IP, ip: host },
          ),
        },
      ],
    }),
  };
}

/** Whether a server can go on with its certificate: it is this authority's, in time, and for all these hosts. */
export function isServiceable(
  cert: string,
  authority: string,
  hosts: readonly string[],
  nowMs: number,
): boolean {
  const own = new X509Certificate(cert);
  const names = hosts.every((host) =>
    isIP(host) === 0 ? own.checkHost(host) !== undefined : own.checkIP(host) !== undefined,
  );
  const lasts = Date.parse(own.validTo) - nowMs > RENEW_DAYS * DAY_MS;
  return names && lasts && own.verify(new X509Certificate(authority).publicKey);
}

interface Issue {
  readonly subject: string;
  readonly publicKeyOf: string;
  readonly signedBy: { readonly subject: string; readonly key: string };
  readonly nowMs: number;
  readonly days: number;
  readonly extensions: readonly object[];
}

function issue({ subject, publicKeyOf, signedBy, nowMs, days, extensions }: Issue): string {
  const certificate = pki.createCertificate();
  const { n, e } = pki.privateKeyFromPem(publicKeyOf);
  certificate.publicKey = pki.setRsaPublicKey(n, e);
  // The first bit is clear: the number is positive.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(nowMs - BACKDATED_MS);
  certificate.validity.notAfter = new Date(nowMs + days * DAY_MS);
  certificate.setSubject([{ name: 'commonName', value: subject }]);
  certificate.setIssuer([{ name: 'commonName', value: signedBy.subject }]);
  certificate.setExtensions([...extensions]);
  certificate.sign(pki.privateKeyFromPem(signedBy.key), md.sha256.create());
  return pki.certificateToPem(certificate);
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}
