-- The record: one row per commit of the journal, in journal order, append-only.

-- Roles are shared by every database of a cluster, so another one, or an administrator, may have made them already.
DO $$
DECLARE v_role TEXT;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['evenkeel_ledger', 'evenkeel_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    IF NOT pg_has_role(current_user, v_role, 'USAGE') THEN
      EXECUTE format('GRANT %I TO %I', v_role, current_user);
    END IF;
  END LOOP;
END $$;
DO $$
BEGIN
  EXECUTE format('GRANT CREATE ON DATABASE %I TO "evenkeel_ledger"', current_database());
END $$;

CREATE SCHEMA "ledger";

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
);
CREATE UNIQUE INDEX "commit_log_epoch_commit_id_key" ON "ledger"."commit_log" ("epoch", "commit_id");
CREATE UNIQUE INDEX "commit_log_epoch_aggregate_version_key" ON "ledger"."commit_log" ("epoch", "aggregate", "version");

-- How far the journal has been taken over; moves with the rows, in their transaction.
CREATE TABLE "ledger"."checkpoint" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("epoch")
);

-- What the ledger refused, and why. The bytes are kept as evidence.
CREATE TABLE "ledger"."quarantine" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "code" TEXT NOT NULL,
  "hash" BYTEA NOT NULL,
  "message" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "bytes" BYTEA NOT NULL,
  "recorded_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "quarantine_pkey" PRIMARY KEY ("epoch", "seq", "code", "hash")
);

-- The second line behind the grants: nobody rewrites the record by accident, not even its owner.
CREATE FUNCTION "ledger"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %.% is refused: the ledger is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER "commit_log_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"."commit_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger"."refuse_change"();
CREATE TRIGGER "quarantine_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"."quarantine"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger"."refuse_change"();

-- The checkpoint of an epoch, locked until the transaction ends; 0 for an epoch never seen.
CREATE FUNCTION "ledger"."lock_checkpoint"(p_epoch TEXT) RETURNS BIGINT
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_seq BIGINT;
BEGIN
  SELECT c.seq INTO v_seq FROM ledger.checkpoint c WHERE c.epoch = p_epoch FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO ledger.checkpoint (epoch, seq) VALUES (p_epoch, 0);
    v_seq := 0;
  END IF;
  RETURN v_seq;
END $$;

-- Moves the checkpoint over rows of this transaction; refuses to step back, to jump or to pass a hole.
CREATE FUNCTION "ledger"."advance_checkpoint"(p_epoch TEXT, p_from BIGINT, p_to BIGINT) RETURNS VOID
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_rows BIGINT;
BEGIN
  SELECT count(*) INTO v_rows FROM ledger.commit_log l WHERE l.epoch = p_epoch AND l.seq > p_from;
  IF p_to <= p_from OR v_rows <> p_to - p_from THEN
    RAISE EXCEPTION 'checkpoint of epoch % cannot move from % to % over % rows', p_epoch, p_from, p_to, v_rows
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE ledger.checkpoint c SET seq = p_to, updated_at = CURRENT_TIMESTAMP WHERE c.epoch = p_epoch AND c.seq = p_from;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'checkpoint of epoch % is not at %', p_epoch, p_from USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END $$;

-- Makes every writer wait until the transaction ends: for the moment in which read models are switched.
CREATE FUNCTION "ledger"."hold_checkpoints"() RETURNS VOID
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  LOCK TABLE ledger.checkpoint IN EXCLUSIVE MODE;
END $$;

REVOKE ALL ON FUNCTION "ledger"."lock_checkpoint"(TEXT), "ledger"."advance_checkpoint"(TEXT, BIGINT, BIGINT),
  "ledger"."hold_checkpoints"() FROM PUBLIC;
GRANT USAGE ON SCHEMA "ledger" TO "evenkeel_ledger", "evenkeel_reader";
GRANT SELECT ON ALL TABLES IN SCHEMA "ledger" TO "evenkeel_ledger", "evenkeel_reader";
GRANT INSERT ON "ledger"."commit_log", "ledger"."quarantine" TO "evenkeel_ledger";
GRANT EXECUTE ON FUNCTION "ledger"."lock_checkpoint"(TEXT), "ledger"."advance_checkpoint"(TEXT, BIGINT, BIGINT),
  "ledger"."hold_checkpoints"() TO "evenkeel_ledger";
