export { consistencyProof, verifyConsistency } from './merkle/consistency';
export type { TreeHead } from './merkle/consistency';
export { decodeEntryBundle, encodeEntryBundle } from './merkle/entry-bundle';
export { MerkleFrontier } from './merkle/frontier';
export type { FrontierRecord } from './merkle/frontier';
export { createMerkleHasher, HASH_BYTES, rfc6962 } from './merkle/hasher';
export type { Hash, MerkleHasher, Sha256 } from './merkle/hasher';
export { inclusionProof, rootOfInclusion, verifyInclusion } from './merkle/inclusion';
export type { InclusionClaim } from './merkle/inclusion';
export { leafData, leafHashOf } from './merkle/leaf';
export type { LeafFacts } from './merkle/leaf';
export { TileLog } from './merkle/tile-log';
export type { TileSink } from './merkle/tile-log';
export {
  TILE_WIDTH,
  allTiles,
  decodeTile,
  encodeTile,
  nodesFromTiles,
  parseTilePath,
  partialTiles,
  tileOfHash,
  tileOfNode,
  tilePath,
} from './merkle/tiles';
export type { TileId, TileReader } from './merkle/tiles';
export { consistencyRanges, inclusionRanges, nodesOfRange } from './merkle/tree-shape';
export type { LeafRange, NodeId, NodeSource } from './merkle/tree-shape';
export { readProviderToken } from './tokens/provider-token';
export type { ProviderToken } from './tokens/provider-token';
export { fromBase64, toBase64 } from './encoding/base64';
export { textOf } from './encoding/utf8-text';
export { formatCheckpoint, parseCheckpoint } from './notes/checkpoint';
export type { Checkpoint } from './notes/checkpoint';
export { CheckpointIssuer, cosignText, signText } from './notes/checkpoint-issuer';
export type { HeadStore, SigningPort } from './notes/checkpoint-issuer';
export { authoriseHead } from './notes/head-guard';
export type { HeadRecord } from './notes/head-guard';
export { formatRotation, keyringOf, keysAt, parseRotation, rotateKeys } from './notes/keyring';
export type { KeyRotation, KeyTenure, Keyring } from './notes/keyring';
export { NOTE_ALGORITHMS, verifyEd25519 } from './notes/note-algorithms';
export type { NoteAlgorithm } from './notes/note-algorithms';
export { openNote } from './notes/open-note';
export type { OpenedNote, VerifiedSignature } from './notes/open-note';
export { formatNote, parseNote, parseSignatureLine, signatureLine } from './notes/signed-note';
export type { NoteSignature, SignedNote } from './notes/signed-note';
export {
  SIGNATURE_TYPE,
  formatVerifierKey,
  keyIdOf,
  parseVerifierKey,
  sameKey,
  verifierKey,
} from './notes/verifier-key';
export type { VerifierKey } from './notes/verifier-key';
export { verifyCheckpoint } from './notes/verify-checkpoint';
export type { TrustPolicy, VerifiedCheckpoint, WitnessStatement } from './notes/verify-checkpoint';
export { formatAddCheckpoint, parseAddCheckpoint } from './witness/add-checkpoint';
export type { AddCheckpoint } from './witness/add-checkpoint';
export { decideCosign, originOfRequest } from './witness/decide-cosign';
export type { WitnessAnswer, WitnessedLog } from './witness/decide-cosign';
export { cosignatureTime, readWitnessAnswer } from './witness/witness-reply';
export type { WitnessAlert, WitnessHttpAnswer, WitnessReply } from './witness/witness-reply';
export { ChainVerifier } from './chain/chain-verifier';
export type { ChainOptions, ChainPosition, ChainReport, ChainRow } from './chain/chain-verifier';
export {
  checkpointRecordHash,
  nextCheckpointRecord,
  verifyCheckpointHistory,
} from './chain/checkpoint-history';
export type {
  CheckpointExpectations,
  CheckpointHistoryReport,
  CheckpointRecord,
} from './chain/checkpoint-history';
export type { Defect, DefectCode } from './chain/defect';
export type { CausationView, DecodeEnvelope, EnvelopeView, ProducerView } from './chain/envelope-view';
export { strayTiles, verifyTiles } from './chain/tile-verifier';
export type { TileCheck, TileReport } from './chain/tile-verifier';
export { buildBundle } from './bundle/build-bundle';
export type { BundleContents } from './bundle/build-bundle';
export { BUNDLE_FORMAT } from './bundle/bundle-lines';
export type { BundleLine, HeaderLine, JournalPlace } from './bundle/bundle-lines';
export { checkBundle } from './bundle/check-bundle';
export type { BundleJudges, BundleReport, BundleTrust } from './bundle/check-bundle';
export { collectClosure, evidenceInMemory } from './bundle/collect-closure';
export type { ClosureOptions, EvidenceSource, StoredEvidence } from './bundle/collect-closure';
export { FindingList } from './bundle/findings';
export type { Finding } from './bundle/findings';
export { readBundle } from './bundle/read-bundle';
export type { ReadBundle } from './bundle/read-bundle';
export { CHAIN_CODES, firstDifference } from './bundle/reexecution';
export type { JudgeChain, Reexecute } from './bundle/reexecution';
export { causeOf, epochOfJournal, previousOf, softwareOf } from './bundle/references';
export type { BundleCommit } from './bundle/references';
export { parseTlogPolicy } from './notes/tlog-policy';
export type { TlogPolicy } from './notes/tlog-policy';
export { describeQuorum, quorumMet } from './notes/witness-quorum';
export type { QuorumRule, WitnessQuorum } from './notes/witness-quorum';
export { formatTlogProof, parseTlogProof, verifyTlogProof } from './notes/tlog-proof';
export type { TlogProof } from './notes/tlog-proof';
