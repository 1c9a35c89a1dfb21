-- One partition of commit_log per epoch, so that an epoch that is over and archived can leave the database.

-- Epochs whose rows have left. Their leaves are still in the tree: nodes is its right edge (hex) after their last row.
CREATE TABLE "ledger"."detached_epoch" (
  "epoch" TEXT NOT NULL,
  "first_index" BIGINT NOT NULL,
  "commits" BIGINT NOT NULL,
  "root" BYTEA NOT NULL,
  "nodes" TEXT[] NOT NULL,
  "detached_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "detached_epoch_pkey" PRIMARY KEY ("epoch")
);
CREATE TRIGGER "detached_epoch_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"."detached_epoch"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger"."refuse_change"();
GRANT SELECT ON "ledger"."detached_epoch" TO "evenkeel_ledger", "evenkeel_reader";

ALTER TABLE "ledger"."commit_log" RENAME TO "commit_log_whole";
ALTER INDEX "ledger"."commit_log_pkey" RENAME TO "commit_log_whole_pkey";
ALTER INDEX "ledger"."commit_log_epoch_commit_id_key" RENAME TO "commit_log_whole_epoch_commit_id_key";
ALTER INDEX "ledger"."commit_log_epoch_aggregate_version_key" RENAME TO "commit_log_whole_epoch_aggregate_version_key";

CREATE TABLE "ledger"."commit_log" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "commit_id" UUID NOT NULL,
  "aggregate" TEXT NOT NULL,
  "version" BIGINT NOT NULL,
  "bytes" BYTEA NOT NULL,
  "hash" BYTEA NOT NULL,
  "prev_hash" BYTEA NOT NULL,
  "leaf_hash" BYTEA NOT NULL,
  "decoded" JSONB NOT NULL,
  CONSTRAINT "commit_log_pkey" PRIMARY KEY ("epoch", "seq")
) PARTITION BY LIST ("epoch");
CREATE UNIQUE INDEX "commit_log_epoch_commit_id_key" ON "ledger"."commit_log" ("epoch", "commit_id");
CREATE UNIQUE INDEX "commit_log_epoch_aggregate_version_key" ON "ledger"."commit_log" ("epoch", "aggregate", "version");
CREATE TRIGGER "commit_log_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"."commit_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger"."refuse_change"();
GRANT SELECT ON "ledger"."commit_log" TO "evenkeel_ledger", "evenkeel_reader";

CREATE FUNCTION "ledger"."partition_of"(p_epoch TEXT) RETURNS TEXT
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'commit_log_epoch_' || p_epoch;
$$;

-- Makes the partition of an epoch that has a checkpoint and no rows yet. Made beside commit_log and then attached, which
-- leaves readers of the other epochs alone. Triggers are its own: a statement that names a partition fires no other.
CREATE FUNCTION "ledger"."make_partition"(p_epoch TEXT) RETURNS VOID
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_name TEXT := ledger.partition_of(p_epoch);
BEGIN
  IF p_epoch !~ '^[A-Za-z0-9-]{1,40}$' THEN
    RAISE EXCEPTION 'epoch % has a name that no partition can have', p_epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  PERFORM FROM ledger.checkpoint c WHERE c.epoch = p_epoch FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'epoch % has no checkpoint', p_epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT FROM pg_class k WHERE k.relnamespace = 'ledger'::regnamespace AND k.relname = v_name) THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM ledger.detached_epoch d WHERE d.epoch = p_epoch) THEN
    RAISE EXCEPTION 'epoch % was detached', p_epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.commit_log INCLUDING ALL)', v_name);
  EXECUTE format('CREATE TRIGGER commit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I
                    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', v_name);
  EXECUTE format('ALTER TABLE ledger.commit_log ATTACH PARTITION ledger.%I FOR VALUES IN (%L)', v_name, p_epoch);
END $$;

CREATE OR REPLACE FUNCTION "ledger"."lock_checkpoint"(p_epoch TEXT) RETURNS BIGINT
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_seq BIGINT;
BEGIN
  SELECT c.seq INTO v_seq FROM ledger.checkpoint c WHERE c.epoch = p_epoch FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO ledger.checkpoint (epoch, seq) VALUES (p_epoch, 0);
    v_seq := 0;
  END IF;
  IF v_seq = 0 THEN
    PERFORM ledger.make_partition(p_epoch);
  END IF;
  RETURN v_seq;
END $$;

-- Takes the rows of an epoch out of commit_log: only one that another has followed, whose rows are all there, and with
-- nothing older left behind. They stay in a table of their own until the owner drops it. The owner alone may; whether the
-- archive holds them is for `keel ledger detach` to see. p_root, p_nodes: the tree after its last row.
CREATE FUNCTION "ledger"."detach_epoch"(p_epoch TEXT, p_root BYTEA, p_nodes TEXT[]) RETURNS TEXT
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_first BIGINT; v_commits BIGINT; v_rows BIGINT; v_name TEXT := ledger.partition_of(p_epoch);
BEGIN
  SELECT e.first_index, c.seq INTO v_first, v_commits
    FROM ledger.tree_epoch e JOIN ledger.checkpoint c USING (epoch) WHERE e.epoch = p_epoch;
  SELECT count(*) INTO v_rows FROM ledger.commit_log l WHERE l.epoch = p_epoch;
  IF v_first IS NULL OR v_rows <> v_commits OR octet_length(p_root) <> 32 THEN
    RAISE EXCEPTION 'epoch % is not whole: % rows of %', p_epoch, v_rows, v_commits USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM ledger.tree_epoch e WHERE e.first_index = v_first + v_commits AND e.epoch <> p_epoch) THEN
    RAISE EXCEPTION 'epoch % cannot be detached: no other has followed it', p_epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF v_first <> (SELECT coalesce(max(d.first_index + d.commits), 0) FROM ledger.detached_epoch d) THEN
    RAISE EXCEPTION 'epoch % cannot be detached: an older one is still there', p_epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  INSERT INTO ledger.detached_epoch (epoch, first_index, commits, root, nodes) VALUES (p_epoch, v_first, v_commits, p_root, p_nodes);
  EXECUTE format('ALTER TABLE ledger.commit_log DETACH PARTITION ledger.%I', v_name);
  RETURN v_name;
END $$;

REVOKE ALL ON FUNCTION "ledger"."partition_of"(TEXT), "ledger"."make_partition"(TEXT),
  "ledger"."detach_epoch"(TEXT, BYTEA, TEXT[]) FROM PUBLIC;

-- The rows that were there before there were partitions.
DO $$
DECLARE v_epoch TEXT;
BEGIN
  FOR v_epoch IN SELECT epoch FROM "ledger"."checkpoint" UNION SELECT DISTINCT epoch FROM "ledger"."commit_log_whole" ORDER BY 1 LOOP
    PERFORM ledger.make_partition(v_epoch);
  END LOOP;
END $$;
INSERT INTO "ledger"."commit_log" SELECT * FROM "ledger"."commit_log_whole";
DROP TABLE "ledger"."commit_log_whole";
