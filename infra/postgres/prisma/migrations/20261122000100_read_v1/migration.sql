-- Read models, version 1: everything here follows from ledger.commit_log and can be thrown away.
-- A rebuild runs this file with another schema name in the place of "read_v1", so the name is always quoted. A change of
-- shape is a new version in a new file, never an ALTER of this one.

-- The ledger's role owns its read models: a rebuild makes them anew beside the old ones and switches by renaming.
SET ROLE "evenkeel_ledger";

CREATE SCHEMA "read_v1";

CREATE TABLE "read_v1"."books" (
  "epoch" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "numeraire" TEXT NOT NULL,
  "opened_at" TIMESTAMPTZ(6) NOT NULL,
  "opened_seq" BIGINT NOT NULL,
  "hedge_instruments" TEXT[] NOT NULL,
  "specifications" TEXT[] NOT NULL,
  "file_hash" TEXT NOT NULL,
  CONSTRAINT "books_pkey" PRIMARY KEY ("epoch", "book")
);

CREATE TABLE "read_v1"."policies" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "book" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "policy" JSONB NOT NULL,
  "policy_hash" TEXT NOT NULL,
  "target_delta" NUMERIC NOT NULL,
  "hedge_instruments" TEXT[] NOT NULL,
  "actor" TEXT NOT NULL,
  CONSTRAINT "policies_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "policies_epoch_book_idx" ON "read_v1"."policies" ("epoch", "book");

CREATE TABLE "read_v1"."positions" (
  "epoch" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "instrument" TEXT NOT NULL,
  "quantity" NUMERIC NOT NULL,
  "average_price" NUMERIC,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "positions_pkey" PRIMARY KEY ("epoch", "book", "instrument")
);

-- Everything that changed a position or brought cash with it, one row per event.
CREATE TABLE "read_v1"."position_changes" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "book" TEXT NOT NULL,
  "instrument" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "quantity" NUMERIC NOT NULL,
  "price" NUMERIC NOT NULL,
  "position_after" NUMERIC NOT NULL,
  "cash_currency" TEXT NOT NULL,
  "cash" NUMERIC NOT NULL,
  "realised" NUMERIC,
  "realised_currency" TEXT,
  "client_order_id" TEXT,
  "fill_id" TEXT,
  CONSTRAINT "position_changes_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "position_changes_epoch_client_order_id_idx" ON "read_v1"."position_changes" ("epoch", "client_order_id");

CREATE TABLE "read_v1"."orders" (
  "epoch" TEXT NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "decision_id" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "venue" TEXT,
  "instrument" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "quantity" NUMERIC NOT NULL,
  "limit_price" NUMERIC,
  "reference_price" NUMERIC,
  "time_in_force" TEXT,
  "status" TEXT NOT NULL,
  "filled" NUMERIC NOT NULL,
  "notional" NUMERIC NOT NULL,
  "venue_order_id" TEXT,
  "reasons" TEXT[] NOT NULL,
  "late_fills" INTEGER NOT NULL,
  "intended_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  "intended_seq" BIGINT NOT NULL,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "orders_pkey" PRIMARY KEY ("epoch", "client_order_id")
);
CREATE INDEX "orders_epoch_decision_id_idx" ON "read_v1"."orders" ("epoch", "decision_id");
CREATE INDEX "orders_epoch_book_intended_at_idx" ON "read_v1"."orders" ("epoch", "book", "intended_at");

-- Every step of an order's life, so that the path to a fill can be followed without scanning the log.
CREATE TABLE "read_v1"."order_events" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "order_events_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "order_events_epoch_client_order_id_idx" ON "read_v1"."order_events" ("epoch", "client_order_id");

CREATE TABLE "read_v1"."fills" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "fill_id" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "instrument" TEXT NOT NULL,
  "quantity" NUMERIC NOT NULL,
  "price" NUMERIC NOT NULL,
  "fee" NUMERIC NOT NULL,
  "fee_currency" TEXT NOT NULL,
  "liquidity" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "late" BOOLEAN NOT NULL,
  CONSTRAINT "fills_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "fills_epoch_client_order_id_idx" ON "read_v1"."fills" ("epoch", "client_order_id");
CREATE INDEX "fills_epoch_book_at_idx" ON "read_v1"."fills" ("epoch", "book", "at");

CREATE TABLE "read_v1"."decisions" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "decision_id" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "outcome" TEXT NOT NULL,
  "policy_kind" TEXT NOT NULL,
  "policy_hash" TEXT NOT NULL,
  "snapshot_id" TEXT NOT NULL,
  "reasons" TEXT[] NOT NULL,
  "instruments" TEXT[] NOT NULL,
  "trades" JSONB NOT NULL,
  "assessments" JSONB NOT NULL,
  "quiet_evaluations" INTEGER NOT NULL,
  CONSTRAINT "decisions_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "decisions_epoch_decision_id_idx" ON "read_v1"."decisions" ("epoch", "decision_id");
CREATE INDEX "decisions_epoch_book_at_idx" ON "read_v1"."decisions" ("epoch", "book", "at");
CREATE INDEX "decisions_reasons_idx" ON "read_v1"."decisions" USING GIN ("reasons");

-- Evaluations that left everything as it was, as the programs summarised them.
CREATE TABLE "read_v1"."quiet_stretches" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "book" TEXT NOT NULL,
  "evaluations" INTEGER NOT NULL,
  "from_at" TIMESTAMPTZ(6),
  "to_at" TIMESTAMPTZ(6),
  "max_band_use" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "quiet_stretches_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);

-- One row per snapshot; money in the book's numeraire, cumulative since the book was opened.
CREATE TABLE "read_v1"."pnl" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "snapshot_id" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "trigger" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "positions_version" INTEGER NOT NULL,
  "unpriced" INTEGER NOT NULL,
  "equity" NUMERIC NOT NULL,
  "unhedged" NUMERIC NOT NULL,
  "hedged" NUMERIC NOT NULL,
  "options" NUMERIC NOT NULL,
  "hedge" NUMERIC NOT NULL,
  "fees" NUMERIC NOT NULL,
  "funding" NUMERIC NOT NULL,
  "settlement" NUMERIC NOT NULL,
  CONSTRAINT "pnl_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "pnl_epoch_snapshot_id_idx" ON "read_v1"."pnl" ("epoch", "snapshot_id");
CREATE INDEX "pnl_epoch_book_seq_idx" ON "read_v1"."pnl" ("epoch", "book", "seq");

-- Sensitivities of a snapshot per underlying: units as in the snapshot (delta in units of the underlying).
CREATE TABLE "read_v1"."exposures" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "underlying" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "spot" DOUBLE PRECISION NOT NULL,
  "spot_status" TEXT NOT NULL,
  "delta" DOUBLE PRECISION NOT NULL,
  "option_delta" DOUBLE PRECISION NOT NULL,
  "hedge_delta" DOUBLE PRECISION NOT NULL,
  "gamma" DOUBLE PRECISION NOT NULL,
  "vega" DOUBLE PRECISION NOT NULL,
  "theta" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "exposures_pkey" PRIMARY KEY ("epoch", "seq", "event_index", "underlying")
);

-- Kills, halts, degradations, refusals: what somebody on call wants to see.
CREATE TABLE "read_v1"."incidents" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "type" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "reasons" TEXT[] NOT NULL,
  CONSTRAINT "incidents_pkey" PRIMARY KEY ("epoch", "seq", "event_index", "type")
);

-- Double entry: an entry has two or more postings that sum to zero per currency.
CREATE TABLE "read_v1"."journal_entries" (
  "epoch" TEXT NOT NULL,
  "entry_id" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "book" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "event_type" TEXT NOT NULL,
  "instrument" TEXT NOT NULL,
  CONSTRAINT "journal_entries_pkey" PRIMARY KEY ("epoch", "entry_id")
);
CREATE INDEX "journal_entries_epoch_book_seq_idx" ON "read_v1"."journal_entries" ("epoch", "book", "seq");

CREATE TABLE "read_v1"."postings" (
  "epoch" TEXT NOT NULL,
  "entry_id" TEXT NOT NULL,
  "line" INTEGER NOT NULL,
  "book" TEXT NOT NULL,
  "account" TEXT NOT NULL,
  "currency" TEXT NOT NULL,
  "amount" NUMERIC NOT NULL,
  CONSTRAINT "postings_pkey" PRIMARY KEY ("epoch", "entry_id", "line")
);
CREATE INDEX "postings_epoch_book_account_idx" ON "read_v1"."postings" ("epoch", "book", "account");

-- All postings of an entry arrive in one statement; whatever the statement, the entry balances after it.
CREATE FUNCTION "read_v1"."entries_balance"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE v_bad RECORD;
BEGIN
  SELECT p.entry_id, p.currency, sum(p.amount) AS total INTO v_bad
    FROM changed p GROUP BY p.epoch, p.entry_id, p.currency HAVING sum(p.amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % does not balance: % % left over', v_bad.entry_id, v_bad.total, v_bad.currency
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "postings_balance" AFTER INSERT ON "read_v1"."postings"
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "read_v1"."entries_balance"();
CREATE FUNCTION "read_v1"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %.% is refused: postings are corrected by new entries', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER "postings_append_only" BEFORE UPDATE OR DELETE ON "read_v1"."postings"
  FOR EACH STATEMENT EXECUTE FUNCTION "read_v1"."refuse_change"();
CREATE TRIGGER "journal_entries_append_only" BEFORE UPDATE OR DELETE ON "read_v1"."journal_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "read_v1"."refuse_change"();

GRANT USAGE ON SCHEMA "read_v1" TO "evenkeel_reader";
GRANT SELECT ON ALL TABLES IN SCHEMA "read_v1" TO "evenkeel_reader";

RESET ROLE;
