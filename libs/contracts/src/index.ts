export { decodeCommit, encodeCommit, sealCommit } from './commit-codec';
export { DecisionDigest } from './digest';
export { CLOCK_SUBJECT, InstantAssembler, encodeInstant, numberOfClock } from './market-codec';
export type { AssembledInstant, MarketMessage } from './market-codec';
export { PAYLOAD_SCHEMAS, decodePayload, encodePayload } from './payloads';
export { currentVersionOf } from './upcast';
export { decodeStep, encodeStep, isStepSubject, stepSubject } from './step-codec';
export type { PartitionStep } from './step-codec';
