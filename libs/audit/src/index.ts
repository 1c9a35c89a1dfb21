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
