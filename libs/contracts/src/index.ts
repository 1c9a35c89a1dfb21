export { decodeWhole } from './decode-whole';
export { decodeCommit, encodeCommit, sealCommit, sealWith, tryDecodeCommit } from './commit-codec';
export type { SealOptions } from './commit-codec';
export { keyIdOf, splitSignature } from './signature-field';
export { DecisionDigest } from './digest';
export {
  CLOCK_SUBJECT,
  InstantAssembler,
  encodeInstant,
  numberOfClock,
  readPart,
  subjectOfMark,
} from './market-codec';
export type { AssembledInstant, MarketMessage } from './market-codec';
export { PAYLOAD_CODECS, decodePayload, encodePayload } from './payloads';
export { currentVersionOf } from './upcast';
export { decodeStep, encodeStep, isStepSubject, stepSubject } from './step-codec';
export type { PartitionStep } from './step-codec';
