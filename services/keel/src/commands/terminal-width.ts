/** Characters a line of the terminal; undefined where the output goes to a file or another program, which takes all of it. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}
