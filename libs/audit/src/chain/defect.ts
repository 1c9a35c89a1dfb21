/** Everything that can be wrong with a stored history. Dotted codes of the same names are in errors.md. */
export type DefectCode =
  | 'AUDIT.SEQUENCE_GAP'
  | 'AUDIT.SEQUENCE_REPEATED'
  | 'AUDIT.SEQUENCE_BACKWARDS'
  | 'AUDIT.EPOCH_RETURNED'
  | 'AUDIT.EPOCH_MISMATCH'
  | 'AUDIT.COMMIT_UNDECODABLE'
  | 'AUDIT.COMMIT_REPEATED'
  | 'AUDIT.COMMIT_ID_MISMATCH'
  | 'AUDIT.AGGREGATE_MISMATCH'
  | 'AUDIT.VERSION_MISMATCH'
  | 'AUDIT.VERSION_BROKEN'
  | 'AUDIT.HASH_MISMATCH'
  | 'AUDIT.PREV_HASH_MISMATCH'
  | 'AUDIT.PREV_HASH_BROKEN'
  | 'AUDIT.LEAF_HASH_MISMATCH'
  | 'AUDIT.CAUSE_NOT_BEFORE'
  | 'AUDIT.CAUSE_MISMATCH'
  | 'AUDIT.ROOT_MISMATCH'
  | 'AUDIT.ROWS_MISSING'
  | 'AUDIT.TILE_MISSING'
  | 'AUDIT.TILE_MALFORMED'
  | 'AUDIT.TILE_MISMATCH'
  | 'AUDIT.TILE_STRAY'
  | 'AUDIT.ENTRY_MISMATCH'
  | 'AUDIT.CHECKPOINT_INVALID'
  | 'AUDIT.CHECKPOINT_CHAIN_BROKEN'
  | 'AUDIT.CHECKPOINT_OVERDUE'
  | 'AUDIT.CHECKPOINTS_MISSING';

export interface Defect {
  readonly code: DefectCode;
  /** The row it was seen at. */
  readonly epoch?: string;
  readonly seq?: number;
  /** The last row it may concern, when it is a range. */
  readonly untilSeq?: number;
  /** A tile path, or the number of a checkpoint record. */
  readonly where?: string;
  readonly message: string;
}
