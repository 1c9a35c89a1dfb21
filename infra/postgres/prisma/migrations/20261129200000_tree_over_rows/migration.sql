-- The tree moves over rows that are there, and over nothing else.
CREATE OR REPLACE FUNCTION "ledger"."advance_tree"(p_epoch TEXT, p_first_seq BIGINT, p_from BIGINT, p_to BIGINT, p_root BYTEA, p_nodes TEXT[])
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
  IF (SELECT count(*) FROM ledger.commit_log l WHERE l.epoch = p_epoch
        AND l.seq >= p_first_seq AND l.seq < p_first_seq + (p_to - p_from)) <> p_to - p_from THEN
    RAISE EXCEPTION 'the tree cannot step over rows of epoch % that are not there', p_epoch
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE ledger.tree t SET size = p_to, root = p_root, nodes = p_nodes, updated_at = CURRENT_TIMESTAMP WHERE t.size = p_from;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the tree is not at size %', p_from USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END $$;
