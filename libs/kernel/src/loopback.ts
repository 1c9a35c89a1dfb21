/** Whether a URL leads to this machine and no further, by its own words; a name that is merely configured so does not count. */
export function isLoopback(url: string): boolean {
  return /^[a-z]+:\/\/([^/@]*@)?(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d+)?([/?]|$)/.test(url);
}
