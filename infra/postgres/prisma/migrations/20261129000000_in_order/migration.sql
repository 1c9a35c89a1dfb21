-- A row goes in only as the next of its epoch, under the lock of the checkpoint, and stays only if the checkpoint moves over it
-- in the same transaction. One row at a wrong place would stop the ledger for good: nobody may take it out again.
CREATE OR REPLACE FUNCTION "ledger"."take_in"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_checkpoint BIGINT; v_newest BIGINT;
BEGIN
  SELECT c.seq INTO v_checkpoint FROM ledger.checkpoint c WHERE c.epoch = NEW.epoch FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'epoch % has no checkpoint', NEW.epoch USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT l.seq INTO v_newest FROM ledger.commit_log l WHERE l.epoch = NEW.epoch ORDER BY l.seq DESC LIMIT 1;
  v_newest := coalesce(v_newest, 0);
  IF NEW.seq <> v_newest + 1 THEN
    RAISE EXCEPTION 'sequence % of epoch % does not follow %', NEW.seq, NEW.epoch, v_newest
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  -- The first row of a transaction: from now on its end is checked.
  IF v_newest = v_checkpoint THEN
    UPDATE ledger.checkpoint c SET updated_at = CURRENT_TIMESTAMP WHERE c.epoch = NEW.epoch;
  END IF;
  INSERT INTO ledger.commit_log (epoch, seq, commit_id, aggregate, version, bytes, hash, prev_hash, leaf_hash, decoded)
    VALUES (NEW.epoch, NEW.seq, NEW.commit_id, NEW.aggregate, NEW.version, NEW.bytes, NEW.hash, NEW.prev_hash, NEW.leaf_hash, NEW.decoded);
  RETURN NULL;
END $$;

CREATE FUNCTION "ledger"."covered_by_checkpoint"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_checkpoint BIGINT; v_newest BIGINT;
BEGIN
  SELECT c.seq INTO v_checkpoint FROM ledger.checkpoint c WHERE c.epoch = NEW.epoch;
  SELECT l.seq INTO v_newest FROM ledger.commit_log l WHERE l.epoch = NEW.epoch ORDER BY l.seq DESC LIMIT 1;
  IF coalesce(v_newest, 0) <> v_checkpoint THEN
    RAISE EXCEPTION 'the rows of epoch % end at % and its checkpoint is at %', NEW.epoch, v_newest, v_checkpoint
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER "checkpoint_covers_rows" AFTER UPDATE ON "ledger"."checkpoint"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "ledger"."covered_by_checkpoint"();
REVOKE ALL ON FUNCTION "ledger"."covered_by_checkpoint"() FROM PUBLIC;

-- Whoever uses the database may see which version it is of.
GRANT SELECT ON public._prisma_migrations TO "evenkeel_ledger", "evenkeel_reader";
