-- Rows go into the partition of their epoch by COPY, and are judged once per statement instead of row by row: what the trigger of
-- every row cost was more than the row itself. What holds is what held: a row goes in only as the next of its epoch, under the lock
-- of the checkpoint, and stays only if the checkpoint moves over it in the same transaction.

CREATE FUNCTION "ledger"."rows_follow"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_epoch TEXT := TG_ARGV[0]; v_checkpoint BIGINT; v_rows BIGINT; v_newest BIGINT; v_oldest BIGINT;
BEGIN
  SELECT c.seq INTO v_checkpoint FROM ledger.checkpoint c WHERE c.epoch = v_epoch FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'epoch % has no checkpoint', v_epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = TG_RELID AND i.inhparent = 'ledger.commit_log'::regclass) THEN
    RAISE EXCEPTION 'epoch % was detached', v_epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  -- No sequence stands there twice: so many rows behind the checkpoint are the next ones when the newest says so.
  SELECT count(*), max(l.seq) INTO v_rows, v_newest FROM ledger.commit_log l WHERE l.epoch = v_epoch AND l.seq > v_checkpoint;
  SELECT l.seq INTO v_oldest FROM ledger.commit_log l WHERE l.epoch = v_epoch ORDER BY l.seq LIMIT 1;
  IF v_rows > 0 AND v_newest <> v_checkpoint + v_rows OR v_oldest <> 1 THEN
    RAISE EXCEPTION 'sequence % of epoch % does not follow %', CASE WHEN v_oldest <> 1 THEN v_oldest ELSE v_newest END, v_epoch, v_checkpoint
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  -- From now on the end of the transaction is checked.
  IF v_rows > 0 THEN
    UPDATE ledger.checkpoint c SET updated_at = CURRENT_TIMESTAMP WHERE c.epoch = v_epoch;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION "ledger"."rows_follow"() FROM PUBLIC;

-- The ledger's role may put rows into a partition, and do nothing else with it.
CREATE FUNCTION "ledger"."open_partition"(p_name TEXT, p_epoch TEXT) RETURNS VOID
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER commit_log_rows_follow AFTER INSERT ON ledger.%I
                    FOR EACH STATEMENT EXECUTE FUNCTION ledger.rows_follow(%L)', p_name, p_epoch);
  EXECUTE format('GRANT INSERT ON ledger.%I TO "evenkeel_ledger"', p_name);
END $$;
REVOKE ALL ON FUNCTION "ledger"."open_partition"(TEXT, TEXT) FROM PUBLIC;

CREATE OR REPLACE FUNCTION "ledger"."make_partition"(p_epoch TEXT) RETURNS VOID
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
  PERFORM ledger.open_partition(v_name, p_epoch);
END $$;

DO $$
DECLARE v_epoch TEXT;
BEGIN
  FOR v_epoch IN SELECT c.epoch FROM "ledger"."checkpoint" c
      WHERE NOT EXISTS (SELECT FROM "ledger"."detached_epoch" d WHERE d.epoch = c.epoch)
        AND EXISTS (SELECT FROM pg_class k WHERE k.relnamespace = 'ledger'::regnamespace AND k.relname = ledger.partition_of(c.epoch))
      ORDER BY 1 LOOP
    PERFORM ledger.open_partition(ledger.partition_of(v_epoch), v_epoch);
  END LOOP;
END $$;

DROP TABLE "ledger"."inbox";
DROP FUNCTION "ledger"."take_in"();
