export { keyFile, madeIfMissing, parsePublicKey } from './key-file';
export { generateKeyPem, publicKeyBytes, signingKeyOf } from './signing-key';
export type { SigningKey } from './signing-key';
export { verifyNatively } from './verify-natively';
