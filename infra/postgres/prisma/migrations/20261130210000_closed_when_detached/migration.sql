-- A partition that is detached takes no rows, by the grants too: what the trigger sees of the partitions is the snapshot of the
-- transaction, which may be older than the detaching.

CREATE OR REPLACE FUNCTION "ledger"."detach_epoch"(p_epoch TEXT, p_root BYTEA, p_nodes TEXT[]) RETURNS TEXT
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
  EXECUTE format('REVOKE INSERT ON ledger.%I FROM "evenkeel_ledger"', v_name);
  RETURN v_name;
END $$;

DO $$
DECLARE v_name TEXT;
BEGIN
  FOR v_name IN SELECT k.relname FROM pg_class k JOIN "ledger"."detached_epoch" d ON k.relname = ledger.partition_of(d.epoch)
      WHERE k.relnamespace = 'ledger'::regnamespace LOOP
    EXECUTE format('REVOKE INSERT ON ledger.%I FROM "evenkeel_ledger"', v_name);
  END LOOP;
END $$;
