-- The logins of a database. Run as an administrator before the first migration, and again to change passwords:
--   PGOPTIONS="-c evenkeel.migrate_password=… -c evenkeel.writer_password=… -c evenkeel.auditor_password=…" \
--     psql -f roles.sql evenkeel
DO $$
DECLARE v_role RECORD; v_password TEXT; v_thing RECORD;
BEGIN
  FOR v_role IN SELECT * FROM (VALUES
    ('evenkeel_ledger', NULL), ('evenkeel_reader', NULL), ('evenkeel_migrate', 'evenkeel.migrate_password'),
    ('evenkeel_writer', 'evenkeel.writer_password'), ('evenkeel_auditor', 'evenkeel.auditor_password')) AS r (name, setting)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role.name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', v_role.name);
    END IF;
    IF v_role.setting IS NOT NULL THEN
      v_password := current_setting(v_role.setting);
      IF length(v_password) < 12 THEN
        RAISE EXCEPTION '% must have at least 12 characters', v_role.setting;
      END IF;
      EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', v_role.name, v_password);
    END IF;
  END LOOP;
  GRANT evenkeel_ledger, evenkeel_reader TO evenkeel_writer;
  GRANT evenkeel_reader TO evenkeel_auditor;
  -- The read models belong to evenkeel_ledger, so whoever migrates must be able to act as it, and to let it make schemas.
  GRANT evenkeel_ledger, evenkeel_reader TO evenkeel_migrate WITH ADMIN OPTION;
  EXECUTE format('ALTER DATABASE %I OWNER TO evenkeel_migrate', current_database());
  -- What an administrator's login made before there were logins: it belongs to whoever migrates from now on.
  FOR v_thing IN
    SELECT format('TABLE %I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND (n.nspname = 'ledger' OR (n.nspname, c.relname) = ('public', '_prisma_migrations'))
        AND c.relowner <> 'evenkeel_migrate'::regrole
    UNION ALL
    SELECT 'FUNCTION ' || p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = 'ledger' AND p.proowner <> 'evenkeel_migrate'::regrole
    UNION ALL
    SELECT 'SCHEMA ledger' FROM pg_namespace n WHERE n.nspname = 'ledger' AND n.nspowner <> 'evenkeel_migrate'::regrole
  LOOP
    EXECUTE format('ALTER %s OWNER TO evenkeel_migrate', v_thing.name);
  END LOOP;
END $$;
