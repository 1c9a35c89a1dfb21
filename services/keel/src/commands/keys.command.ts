import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { toHex } from '@evenkeel/kernel';
import { publicKeysOf } from '../identity/public-keys';
import { homeOf } from '../stack/home';

interface Flags {
  readonly by: string;
  readonly reason?: string;
  readonly json?: boolean;
}

/** `keel keys`: with which keys the services of the running epoch sign. */
export function addKeysCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('the keys that the services of the running epoch sign with');
  keys
    .command('list')
    .description('every key of the epoch, from where and until where it holds')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel keys list\n')
    .action((flags: Flags) => list(flags));
  named(keys.command('rotate <service>').description('give a service a new key, beside the one it has'))
    .addHelpText(
      'after',
      '\nThe new key is enrolled on the journal and put in the place of the old one; the service signs with it once it is started\nagain. Until its old key is removed, both hold. The desk’s own key changes with the next epoch: `keel keys replace-desk`.\n\nExample:\n  keel keys rotate strategy\n  keel keys remove strategy <old key> --reason "laptop lost"\n',
    )
    .action((service: string, flags: Flags) => rotate(service, flags));
  named(
    keys.command('remove <service> <key>').description('what this key signs from now on counts for nothing'),
  )
    .option('--reason <text>', 'goes on record')
    .addHelpText(
      'after',
      '\nKEY is the public key, 64 hex digits, as `keel keys list` shows it.\n\nExample:\n  keel keys remove strategy <old key> --reason "laptop lost"\n',
    )
    .action((service: string, key: string, flags: Flags) => remove(service, key, flags));
  addReplaceDesk(keys);
}

function addReplaceDesk(keys: Command): void {
  named(
    keys
      .command('replace-desk')
      .description('let the next epoch open under another desk key, and say so on record')
      .requiredOption('--reason <text>', 'why; goes on record with the key that is replaced'),
  )
    .addHelpText(
      'after',
      '\nThe desk’s key signs first facts and what people put on record. No epoch opens under another one than the last epoch’s unless\nthis was said: the key that lies in its place already is taken, or a new one is made beside it. The running epoch goes on under\nthe key it has. Put a lost key back from its backup instead, where there is one; see docs/runbooks/audit-folder-lost.md.\n\nExample:\n  keel keys replace-desk --by ann --reason "the disk with the desk’s key is lost"\n',
    )
    .action((flags: Flags & { readonly reason: string }) => replaceDesk(flags));
}

async function replaceDesk({ by, reason, json }: Flags & { readonly reason: string }): Promise<void> {
  const [{ withServers }, { replaceDeskKey }, { createLedgerPool }] = await Promise.all([
    import('../stack/server-access'),
    import('../identity/opening-keys'),
    import('@evenkeel/adapter-postgres'),
  ]);
  const change = await withServers('observer', async ({ connection, databaseUrl }) => {
    const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_reader', max: 1 });
    try {
      return await replaceDeskKey(connection, pool, homeOf(), { by, reason });
    } finally {
      await pool.end();
    }
  });
  process.stdout.write(
    json === true
      ? `${JSON.stringify(change)}\n`
      : `the next epoch opens under desk key ${change.publicKey}\n  in the place of ${change.inPlaceOf}, and says so; auditors are given the new one\n`,
  );
}

function named(command: Command): Command {
  return command
    .option('--by <name>', 'on whose behalf', userInfo().username)
    .option('--json', 'print as JSON');
}

async function list({ json }: Flags): Promise<void> {
  const { commitKeys, withDeskJournal } = await doors();
  const keys = await withDeskJournal(homeOf(), commitKeys);
  const rows = keys.map(({ service, publicKey, contexts, removedAt }) => ({
    service,
    publicKey: toHex(publicKey),
    contexts,
    removed: removedAt !== undefined,
  }));
  const lines = rows.map(
    ({ service, publicKey, removed }) => `${service.padEnd(14)}${publicKey}${removed ? '  removed' : ''}\n`,
  );
  process.stdout.write(json === true ? `${JSON.stringify(rows)}\n` : lines.join(''));
}

async function rotate(service: string, { by, json }: Flags): Promise<void> {
  const { enrolKey, withDeskJournal, CommitKeyring } = await doors();
  const home = homeOf();
  const keyring = new CommitKeyring(home);
  const { publicKey } = keyring.next(service);
  const at = new Date().toISOString();
  await withDeskJournal(home, (journal) => enrolKey(journal, { service, publicKey, by, at }));
  keyring.promote(service);
  const key = toHex(publicKey);
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ service, publicKey: key })}\n`
      : `${service} signs with ${key} once it is started again\n`,
  );
}

async function remove(service: string, text: string, { by, reason = '', json }: Flags): Promise<void> {
  const { removeKey, withDeskJournal } = await doors();
  const [key = ''] = publicKeysOf([text], 'KEY');
  const publicKey = Uint8Array.from(Buffer.from(key, 'hex'));
  const change = { service, publicKey, by, at: new Date().toISOString() };
  await withDeskJournal(homeOf(), (journal) => removeKey(journal, change, reason));
  process.stdout.write(
    json === true ? `${JSON.stringify({ service, removed: key })}\n` : `${key} of ${service} is removed\n`,
  );
}

async function doors() {
  const [{ commitKeys, enrolKey, removeKey }, { withDeskJournal }, { CommitKeyring }] = await Promise.all([
    import('@evenkeel/desk'),
    import('../governance/nats-desk'),
    import('../identity/commit-keyring'),
  ]);
  return { commitKeys, enrolKey, removeKey, withDeskJournal, CommitKeyring };
}
