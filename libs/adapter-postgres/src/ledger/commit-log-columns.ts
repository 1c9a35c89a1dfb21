export const COMMIT_LOG_COLUMNS = [
  'epoch',
  'seq',
  'commit_id',
  'aggregate',
  'version',
  'bytes',
  'hash',
  'prev_hash',
  'leaf_hash',
  'decoded',
] as const;
