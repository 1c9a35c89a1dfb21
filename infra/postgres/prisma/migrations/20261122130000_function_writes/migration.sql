-- The ledger's role writes the record through functions alone: it may put rows into an inbox, and a function takes them
-- into commit_log. It can neither write commit_log itself, nor read, change or empty the inbox.

CREATE UNLOGGED TABLE "ledger"."inbox" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "commit_id" UUID NOT NULL,
  "aggregate" TEXT NOT NULL,
  "version" BIGINT NOT NULL,
  "bytes" BYTEA NOT NULL,
  "hash" BYTEA NOT NULL,
  "prev_hash" BYTEA NOT NULL,
  "leaf_hash" BYTEA NOT NULL,
  "decoded" JSONB NOT NULL
);

-- A row put into the inbox goes on to commit_log at once, in the same statement, and does not stay: nothing lies about
-- between transactions, and a COPY costs one insert.
CREATE FUNCTION "ledger"."take_in"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO ledger.commit_log (epoch, seq, commit_id, aggregate, version, bytes, hash, prev_hash, leaf_hash, decoded)
    VALUES (NEW.epoch, NEW.seq, NEW.commit_id, NEW.aggregate, NEW.version, NEW.bytes, NEW.hash, NEW.prev_hash, NEW.leaf_hash, NEW.decoded);
  RETURN NULL;
END $$;
CREATE TRIGGER "inbox_take_in" BEFORE INSERT ON "ledger"."inbox" FOR EACH ROW EXECUTE FUNCTION "ledger"."take_in"();

-- What was refused is kept by a function too.
CREATE FUNCTION "ledger"."keep_refused"(p_epoch TEXT, p_seq BIGINT, p_code TEXT, p_hash BYTEA, p_message TEXT, p_subject TEXT, p_bytes BYTEA)
  RETURNS VOID LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO ledger.quarantine (epoch, seq, code, hash, message, subject, bytes)
    VALUES (p_epoch, p_seq, p_code, p_hash, p_message, p_subject, p_bytes) ON CONFLICT DO NOTHING;
$$;

REVOKE INSERT ON "ledger"."commit_log", "ledger"."quarantine" FROM "evenkeel_ledger";
GRANT INSERT ON "ledger"."inbox" TO "evenkeel_ledger";
REVOKE ALL ON FUNCTION "ledger"."take_in"(), "ledger"."keep_refused"(TEXT, BIGINT, TEXT, BYTEA, TEXT, TEXT, BYTEA) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "ledger"."keep_refused"(TEXT, BIGINT, TEXT, BYTEA, TEXT, TEXT, BYTEA) TO "evenkeel_ledger";
