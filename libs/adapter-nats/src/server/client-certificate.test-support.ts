import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { md, pki } from 'node-forge';

/** A certificate for a client, by the authority of a folder of keys. */
export function createClientCertificate(
  dir: string,
  name: string,
): { readonly certFile: string; readonly keyFile: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const certificate = pki.createCertificate();
  const { n, e } = pki.privateKeyFromPem(key);
  certificate.publicKey = pki.setRsaPublicKey(n, e);
  certificate.serialNumber = '0102';
  certificate.validity.notBefore = new Date(Date.now() - 3_600_000);
  certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
  certificate.setSubject([{ name: 'commonName', value: name }]);
  const authority = pki.certificateFromPem(readFileSync(join(dir, 'ca.pem'), 'utf8'));
  certificate.setIssuer(authority.subject.attributes);
  certificate.setExtensions([{ name: 'extKeyUsage', clientAuth: true }]);
  certificate.sign(pki.privateKeyFromPem(readFileSync(join(dir, 'ca.key'), 'utf8')), md.sha256.create());
  const [certFile, keyFile] = [join(dir, `${name}.client.pem`), join(dir, `${name}.client.key`)];
  writeFileSync(certFile, pki.certificateToPem(certificate), { mode: 0o600 });
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { certFile, keyFile };
}
