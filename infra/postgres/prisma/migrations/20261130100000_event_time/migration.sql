-- What the log holds of a time, and which time an epoch holds, without reading the epoch. An index of the partitioned table is one
-- of every partition, now and later.
CREATE INDEX IF NOT EXISTS "commit_log_event_time_idx" ON "ledger"."commit_log" (((decoded->'clock'->>'eventTime')::bigint));
