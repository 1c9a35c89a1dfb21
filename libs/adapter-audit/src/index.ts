export { readIfPresent, writeDurably } from './durable-file';
export { generateKeyPem, signerFromFile, signerFromPem } from './ed25519-key';
export { HeadFolder } from './head-folder';
export { nativeMerkleHasher, nativeSha256 } from './native-hasher';
export { TileFolder } from './tile-folder';
export { WitnessClient } from './witness-client';
export type { ProofFrom, PublishedCheckpoint, WitnessEndpoint } from './witness-client';
export { Witness, serveWitness } from './witness-server';
export type { RunningWitness, WitnessHttpReply, WitnessOptions } from './witness-server';
