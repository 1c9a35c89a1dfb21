export { decodeWhole } from './decode-whole';
export {
  decodeCommit,
  encodeCommit,
  payloadBytesOf,
  sealCommit,
  sealWith,
  tryDecodeCommit,
} from './commit-codec';
export type { SealOptions } from './commit-codec';
export { keyIdOf, splitSignature } from './signature-field';
export { DecisionDigest } from './digest';
export { CLOCK_SUBJECT, InstantOrder, decodeInstant, encodeInstant } from './market-codec';
export type { PublishedInstant } from './market-codec';
export { PAYLOAD_CODECS, decodePayload, encodePayload } from './payloads';
export { currentVersionOf } from './upcast';
export { decodeStep, encodeStep, isStepSubject, stepSubject } from './step-codec';
export type { PartitionStep } from './step-codec';
export { undecodable } from './readable';
