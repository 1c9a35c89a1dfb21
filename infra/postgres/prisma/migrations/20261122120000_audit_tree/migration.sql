-- The Merkle tree over commit_log: where it stands, at which leaf each epoch begins, and what was signed over it. The
-- tiles themselves are files; everything here follows from commit_log or is signed.

-- One row: the tree moves with the rows, in their transaction. nodes: the perfect subtrees of the right edge, in hex.
CREATE TABLE "ledger"."tree" (
  "id" INTEGER NOT NULL DEFAULT 1,
  "size" BIGINT NOT NULL,
  "root" BYTEA NOT NULL,
  "nodes" TEXT[] NOT NULL,
  "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "tree_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "tree_one_row" CHECK ("id" = 1)
);
INSERT INTO "ledger"."tree" ("size", "root", "nodes")
  VALUES (0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '{}');

-- Leaf of an epoch's sequence 1. Epochs follow one another in the tree: one that has a successor takes no more rows.
CREATE TABLE "ledger"."tree_epoch" (
  "epoch" TEXT NOT NULL,
  "first_index" BIGINT NOT NULL,
  CONSTRAINT "tree_epoch_pkey" PRIMARY KEY ("epoch")
);
-- Epochs that were there before the tree was: by number where they are numbers, then by name.
INSERT INTO "ledger"."tree_epoch" ("epoch", "first_index")
  SELECT e.epoch, coalesce(sum(e.seq) OVER (ORDER BY e.number NULLS LAST, e.epoch ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
    FROM (SELECT c.epoch, c.seq, CASE WHEN c.epoch ~ '^[0-9]{1,15}$' THEN c.epoch::bigint END AS number
            FROM "ledger"."checkpoint" c WHERE c.seq > 0) e;

-- Signed checkpoints, numbered and chained; the note is what was signed.
CREATE TABLE "ledger"."signed_checkpoint" (
  "number" BIGINT NOT NULL,
  "previous" TEXT NOT NULL,
  "size" BIGINT NOT NULL,
  "root" BYTEA NOT NULL,
  "note" TEXT NOT NULL,
  "recorded_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "signed_checkpoint_pkey" PRIMARY KEY ("number")
);

-- Checkpoints as witnesses cosigned them, which comes later and not for every one.
CREATE TABLE "ledger"."cosigned_checkpoint" (
  "size" BIGINT NOT NULL,
  "witnesses" TEXT NOT NULL,
  "note" TEXT NOT NULL,
  "recorded_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "cosigned_checkpoint_pkey" PRIMARY KEY ("size", "witnesses")
);

CREATE TRIGGER "tree_epoch_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"."tree_epoch"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger"."refuse_change"();
CREATE TRIGGER "signed_checkpoint_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"."signed_checkpoint"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger"."refuse_change"();
CREATE TRIGGER "cosigned_checkpoint_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"."cosigned_checkpoint"
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger"."refuse_change"();

-- Where the tree stands, locked until the transaction ends.
CREATE FUNCTION "ledger"."lock_tree"(OUT o_size BIGINT, OUT o_root BYTEA, OUT o_nodes TEXT[])
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT t.size, t.root, t.nodes INTO STRICT o_size, o_root, o_nodes FROM ledger.tree t FOR UPDATE;
END $$;

-- Moves the tree over the rows p_first_seq … of an epoch. Refuses rows that do not come next: another place in their
-- epoch, or an epoch that another one has followed.
CREATE FUNCTION "ledger"."advance_tree"(p_epoch TEXT, p_first_seq BIGINT, p_from BIGINT, p_to BIGINT, p_root BYTEA, p_nodes TEXT[])
  RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_first BIGINT;
BEGIN
  SELECT e.first_index INTO v_first FROM ledger.tree_epoch e WHERE e.epoch = p_epoch;
  IF NOT FOUND THEN
    v_first := p_from;
    INSERT INTO ledger.tree_epoch (epoch, first_index) VALUES (p_epoch, v_first);
  END IF;
  IF p_to <= p_from OR v_first + p_first_seq - 1 <> p_from OR octet_length(p_root) <> 32 THEN
    RAISE EXCEPTION 'sequence % of epoch % is not leaf % of the tree', p_first_seq, p_epoch, p_from
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE ledger.tree t SET size = p_to, root = p_root, nodes = p_nodes, updated_at = CURRENT_TIMESTAMP WHERE t.size = p_from;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the tree is not at size %', p_from USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END $$;

-- Keeps a signed checkpoint: the next number, never of a smaller tree, never of one larger than the ledger.
CREATE FUNCTION "ledger"."keep_checkpoint"(p_number BIGINT, p_previous TEXT, p_size BIGINT, p_root BYTEA, p_note TEXT)
  RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_number BIGINT; v_size BIGINT;
BEGIN
  SELECT coalesce(max(c.number), 0), coalesce(max(c.size), 0) INTO v_number, v_size FROM ledger.signed_checkpoint c;
  IF p_number <> v_number + 1 OR p_size < v_size OR p_size > (SELECT t.size FROM ledger.tree t) THEN
    RAISE EXCEPTION 'checkpoint % of size % does not follow number % of size %', p_number, p_size, v_number, v_size
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  INSERT INTO ledger.signed_checkpoint (number, previous, size, root, note) VALUES (p_number, p_previous, p_size, p_root, p_note);
END $$;

CREATE FUNCTION "ledger"."keep_cosigned"(p_size BIGINT, p_witnesses TEXT, p_note TEXT)
  RETURNS VOID LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO ledger.cosigned_checkpoint (size, witnesses, note) VALUES (p_size, p_witnesses, p_note) ON CONFLICT DO NOTHING;
$$;

REVOKE ALL ON FUNCTION "ledger"."lock_tree"(), "ledger"."advance_tree"(TEXT, BIGINT, BIGINT, BIGINT, BYTEA, TEXT[]),
  "ledger"."keep_checkpoint"(BIGINT, TEXT, BIGINT, BYTEA, TEXT), "ledger"."keep_cosigned"(BIGINT, TEXT, TEXT) FROM PUBLIC;
GRANT SELECT ON "ledger"."tree", "ledger"."tree_epoch", "ledger"."signed_checkpoint", "ledger"."cosigned_checkpoint"
  TO "evenkeel_ledger", "evenkeel_reader";
GRANT EXECUTE ON FUNCTION "ledger"."lock_tree"(), "ledger"."advance_tree"(TEXT, BIGINT, BIGINT, BIGINT, BYTEA, TEXT[]),
  "ledger"."keep_checkpoint"(BIGINT, TEXT, BIGINT, BYTEA, TEXT), "ledger"."keep_cosigned"(BIGINT, TEXT, TEXT) TO "evenkeel_ledger";
