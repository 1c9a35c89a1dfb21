-- Logins of a production database. Run once as an administrator before the first migration:
--   psql -v migrate_password=… -v writer_password=… -v auditor_password=… -f roles.sql evenkeel
CREATE ROLE evenkeel_ledger NOLOGIN;
CREATE ROLE evenkeel_reader NOLOGIN;
CREATE ROLE evenkeel_migrate LOGIN PASSWORD :'migrate_password';
CREATE ROLE evenkeel_writer LOGIN PASSWORD :'writer_password' IN ROLE evenkeel_ledger;
CREATE ROLE evenkeel_auditor LOGIN PASSWORD :'auditor_password' IN ROLE evenkeel_reader;
-- The read models belong to evenkeel_ledger, so whoever migrates must be able to act as it, and to let it make schemas.
GRANT evenkeel_ledger, evenkeel_reader TO evenkeel_migrate WITH ADMIN OPTION;
SELECT format('ALTER DATABASE %I OWNER TO evenkeel_migrate', current_database()) \gexec
