-- Read models, version 2: everything here follows from ledger.commit_log and can be thrown away.
-- A rebuild runs this file with another schema name in the place of "read_v2", so the name is always quoted. A change of
-- shape is a new version in a new file, never an ALTER of this one.

-- The ledger's role owns its read models: a rebuild makes them anew beside the old ones and switches by renaming.
SET ROLE "evenkeel_ledger";

CREATE SCHEMA "read_v2";

CREATE TABLE "read_v2"."books" (
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

CREATE TABLE "read_v2"."policies" (
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
CREATE INDEX "policies_epoch_book_idx" ON "read_v2"."policies" ("epoch", "book");

CREATE TABLE "read_v2"."positions" (
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
CREATE TABLE "read_v2"."position_changes" (
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
CREATE INDEX "position_changes_epoch_client_order_id_idx" ON "read_v2"."position_changes" ("epoch", "client_order_id");

CREATE TABLE "read_v2"."orders" (
  "epoch" TEXT NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "decision_id" TEXT NOT NULL,
  "parent_id" TEXT,
  "book" TEXT NOT NULL,
  "venue" TEXT,
  "instrument" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "quantity" NUMERIC NOT NULL,
  "limit_price" NUMERIC,
  "reference_price" NUMERIC,
  "time_in_force" TEXT,
  "status" TEXT NOT NULL,
  "remaining" NUMERIC NOT NULL,
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
CREATE INDEX "orders_epoch_decision_id_idx" ON "read_v2"."orders" ("epoch", "decision_id");
CREATE INDEX "orders_epoch_book_intended_at_idx" ON "read_v2"."orders" ("epoch", "book", "intended_at");

-- Every step of an order's life, so that the path to a fill can be followed without scanning the log.
CREATE TABLE "read_v2"."order_events" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "order_events_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "order_events_epoch_client_order_id_idx" ON "read_v2"."order_events" ("epoch", "client_order_id");

-- A fill that the venue took back keeps its row and says when and why; sums leave it out.
CREATE TABLE "read_v2"."fills" (
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
  "busted_at" TIMESTAMPTZ(6),
  "bust_reason" TEXT,
  CONSTRAINT "fills_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "fills_epoch_client_order_id_idx" ON "read_v2"."fills" ("epoch", "client_order_id");
CREATE INDEX "fills_epoch_book_at_idx" ON "read_v2"."fills" ("epoch", "book", "at");

CREATE TABLE "read_v2"."decisions" (
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
CREATE INDEX "decisions_epoch_decision_id_idx" ON "read_v2"."decisions" ("epoch", "decision_id");
CREATE INDEX "decisions_epoch_book_at_idx" ON "read_v2"."decisions" ("epoch", "book", "at");
CREATE INDEX "decisions_reasons_idx" ON "read_v2"."decisions" USING GIN ("reasons");

-- Evaluations that left everything as it was, as the programs summarised them.
CREATE TABLE "read_v2"."quiet_stretches" (
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
CREATE TABLE "read_v2"."pnl" (
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
CREATE INDEX "pnl_epoch_snapshot_id_idx" ON "read_v2"."pnl" ("epoch", "snapshot_id");
CREATE INDEX "pnl_epoch_book_seq_idx" ON "read_v2"."pnl" ("epoch", "book", "seq");

-- Sensitivities of a snapshot per underlying: units as in the snapshot (delta in units of the underlying).
CREATE TABLE "read_v2"."exposures" (
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

-- Where the P&L came from, per book, underlying and UTC day: the terms add up to "total" exactly. Money in the book's numeraire;
-- "gross" is the sum of all terms' sizes and "unexplained" of the residual's, interval by interval.
CREATE TABLE "read_v2"."explained_pnl" (
  "epoch" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "day" DATE NOT NULL,
  "underlying" TEXT NOT NULL,
  "numeraire" TEXT NOT NULL,
  "total" NUMERIC NOT NULL,
  "delta" NUMERIC NOT NULL,
  "gamma" NUMERIC NOT NULL,
  "theta" NUMERIC NOT NULL,
  "vega" NUMERIC NOT NULL,
  "vanna" NUMERIC NOT NULL,
  "volga" NUMERIC NOT NULL,
  "charm" NUMERIC NOT NULL,
  "cross" NUMERIC NOT NULL,
  "rates" NUMERIC NOT NULL,
  "basis" NUMERIC NOT NULL,
  "funding" NUMERIC NOT NULL,
  "fees" NUMERIC NOT NULL,
  "slippage" NUMERIC NOT NULL,
  "impact" NUMERIC NOT NULL,
  "new_trades" NUMERIC NOT NULL,
  "settlement" NUMERIC NOT NULL,
  "residual" NUMERIC NOT NULL,
  "gross" NUMERIC NOT NULL,
  "unexplained" NUMERIC NOT NULL,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "explained_pnl_pkey" PRIMARY KEY ("epoch", "book", "day", "underlying")
);

-- Kills, halts, degradations, refusals: what somebody on call wants to see. Severity: act, note.
CREATE TABLE "read_v2"."incidents" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "type" TEXT NOT NULL,
  "severity" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "reasons" TEXT[] NOT NULL,
  CONSTRAINT "incidents_pkey" PRIMARY KEY ("epoch", "seq", "event_index", "type")
);

-- Trades that are carried out over time; what came of them is filled in at their end.
CREATE TABLE "read_v2"."parent_orders" (
  "epoch" TEXT NOT NULL,
  "parent_id" TEXT NOT NULL,
  "decision_id" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "venue" TEXT NOT NULL,
  "instrument" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "quantity" NUMERIC NOT NULL,
  "reference_price" NUMERIC NOT NULL,
  "algorithm" TEXT NOT NULL,
  "urgency" DOUBLE PRECISION NOT NULL,
  "started_at" TIMESTAMPTZ(6) NOT NULL,
  "ends_at" TIMESTAMPTZ(6) NOT NULL,
  "completed_at" TIMESTAMPTZ(6),
  "filled" NUMERIC,
  "unfilled" NUMERIC,
  "average_price" NUMERIC,
  "children" INTEGER,
  "reason" TEXT,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "parent_orders_pkey" PRIMARY KEY ("epoch", "parent_id")
);
CREATE INDEX "parent_orders_epoch_decision_id_idx" ON "read_v2"."parent_orders" ("epoch", "decision_id");

-- Every set of order limits that came into force, and every one that was approved and did not. Outcome: OPENED, SET, REFUSED.
CREATE TABLE "read_v2"."limits" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "book" TEXT NOT NULL,
  "venue" TEXT,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "outcome" TEXT NOT NULL,
  "limits_version" TEXT,
  "limits" JSONB,
  "proposal_id" TEXT,
  "reasons" TEXT[] NOT NULL,
  CONSTRAINT "limits_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);
CREATE INDEX "limits_epoch_book_seq_idx" ON "read_v2"."limits" ("epoch", "book", "seq");

-- What stands still, or did. Kind: program, kill, venue, throttle, price.
CREATE TABLE "read_v2"."halts" (
  "epoch" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "halted" BOOLEAN NOT NULL,
  "reasons" TEXT[] NOT NULL,
  "changed_by" TEXT,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "halts_pkey" PRIMARY KEY ("epoch", "book", "kind", "subject")
);

-- Soft limits that a named person let be exceeded. Ended by nobody: the time was over.
CREATE TABLE "read_v2"."overrides" (
  "epoch" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "override_id" TEXT NOT NULL,
  "control" TEXT NOT NULL,
  "instrument" TEXT,
  "up_to" TEXT,
  "granted_by" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "granted_at" TIMESTAMPTZ(6) NOT NULL,
  "expires_at" TIMESTAMPTZ(6) NOT NULL,
  "ended_at" TIMESTAMPTZ(6),
  "ended_by" TEXT,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "overrides_pkey" PRIMARY KEY ("epoch", "book", "override_id")
);

CREATE TABLE "read_v2"."restrictions" (
  "epoch" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "instrument" TEXT NOT NULL,
  "restricted" BOOLEAN NOT NULL,
  "changed_by" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "restrictions_pkey" PRIMARY KEY ("epoch", "book", "instrument")
);

-- Comparisons of our account with the venue's. Outcome: OPEN, AGREED, TOLERATED, DIFFERED.
CREATE TABLE "read_v2"."reconciliations" (
  "epoch" TEXT NOT NULL,
  "book" TEXT NOT NULL,
  "reconciliation_id" TEXT NOT NULL,
  "venue" TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  "attempts" INTEGER NOT NULL,
  "requested_at" TIMESTAMPTZ(6) NOT NULL,
  "finished_at" TIMESTAMPTZ(6),
  "outcome" TEXT NOT NULL,
  "differences" JSONB,
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "reconciliations_pkey" PRIMARY KEY ("epoch", "book", "reconciliation_id")
);

-- Changes put before a second person. Status: PROPOSED, APPROVED, REJECTED, WITHDRAWN, EXPIRED.
CREATE TABLE "read_v2"."proposals" (
  "epoch" TEXT NOT NULL,
  "proposal_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "scope" TEXT NOT NULL,
  "content_hash" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "proposed_by" TEXT NOT NULL,
  "proposed_at" TIMESTAMPTZ(6) NOT NULL,
  "expires_at" TIMESTAMPTZ(6) NOT NULL,
  "status" TEXT NOT NULL,
  "decided_by" TEXT,
  "decided_at" TIMESTAMPTZ(6),
  "applied_commit" TEXT,
  "applied_at" TIMESTAMPTZ(6),
  "changed_seq" BIGINT NOT NULL,
  CONSTRAINT "proposals_pkey" PRIMARY KEY ("epoch", "proposal_id")
);

-- The prices that expiring contracts settled to.
CREATE TABLE "read_v2"."settlements" (
  "epoch" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "event_index" INTEGER NOT NULL,
  "instrument" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "delivery_price" NUMERIC NOT NULL,
  "source" TEXT NOT NULL,
  CONSTRAINT "settlements_pkey" PRIMARY KEY ("epoch", "seq", "event_index")
);

-- Double entry: an entry has two or more postings that sum to zero per currency.
CREATE TABLE "read_v2"."journal_entries" (
  "epoch" TEXT NOT NULL,
  "entry_id" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "book" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  "event_type" TEXT NOT NULL,
  "instrument" TEXT NOT NULL,
  CONSTRAINT "journal_entries_pkey" PRIMARY KEY ("epoch", "entry_id")
);
CREATE INDEX "journal_entries_epoch_book_seq_idx" ON "read_v2"."journal_entries" ("epoch", "book", "seq");

CREATE TABLE "read_v2"."postings" (
  "epoch" TEXT NOT NULL,
  "entry_id" TEXT NOT NULL,
  "line" INTEGER NOT NULL,
  "book" TEXT NOT NULL,
  "account" TEXT NOT NULL,
  "currency" TEXT NOT NULL,
  "amount" NUMERIC NOT NULL,
  CONSTRAINT "postings_pkey" PRIMARY KEY ("epoch", "entry_id", "line")
);
CREATE INDEX "postings_epoch_book_account_idx" ON "read_v2"."postings" ("epoch", "book", "account");

-- All postings of an entry arrive in one statement; whatever the statement, the entry balances after it.
CREATE FUNCTION "read_v2"."entries_balance"() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER "postings_balance" AFTER INSERT ON "read_v2"."postings"
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "read_v2"."entries_balance"();
CREATE FUNCTION "read_v2"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %.% is refused: postings are corrected by new entries', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER "postings_append_only" BEFORE UPDATE OR DELETE ON "read_v2"."postings"
  FOR EACH STATEMENT EXECUTE FUNCTION "read_v2"."refuse_change"();
CREATE TRIGGER "journal_entries_append_only" BEFORE UPDATE OR DELETE ON "read_v2"."journal_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "read_v2"."refuse_change"();

GRANT USAGE ON SCHEMA "read_v2" TO "evenkeel_reader";
GRANT SELECT ON ALL TABLES IN SCHEMA "read_v2" TO "evenkeel_reader";

RESET ROLE;
