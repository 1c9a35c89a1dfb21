-- The read models of version 1 are not written any more. Nothing is lost: version 2 is built from ledger.commit_log.
SET ROLE "evenkeel_ledger";
DROP SCHEMA "read_v1" CASCADE;
RESET ROLE;
