import { homeOf, layOut } from './home';
import { isClaim } from './home-claim';
import { Keeper } from './keeper';
import { keep, keeperClaim } from './keeper-process';

const FATAL = 60;

async function main(): Promise<void> {
  process.umask(0o077);
  const home = homeOf();
  const claim = await keeperClaim(home);
  if (!isClaim(claim)) return;
  layOut(home);
  const say = (line: string): void => void process.stderr.write(`${new Date().toISOString()} ${line}\n`);
  const keeper = new Keeper({ home, pinned: false, say });
  await keeper.listen();
  await keep(home, claim, keeper);
}

main().catch((error: unknown) => {
  const msg = error instanceof Error ? error.message : String(error);
  // As services write their last words, so that whoever started it can say them.
  process.stderr.write(`${JSON.stringify({ level: FATAL, time: Date.now(), msg })}\n`);
  process.exitCode = 1;
});
