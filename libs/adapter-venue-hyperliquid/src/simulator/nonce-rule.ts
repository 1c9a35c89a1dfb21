const KEPT = 100;
const DAY_MS = 86_400_000;

/** Each key's last hundred nonces: a new one is none of them, larger than the smallest, and near the venue's time. */
export class NonceRule {
  private readonly used = new Map<string, readonly number[]>();

  /** Why it is not taken. */
  take(signer: string, nonce: number, nowMs: number): string | undefined {
    const kept = this.used.get(signer) ?? [];
    if (!(nonce > nowMs - 2 * DAY_MS && nonce < nowMs + DAY_MS))
      return `Invalid nonce: ${nonce} is out of range`;
    if (kept.includes(nonce)) return `Invalid nonce: duplicate nonce ${nonce}`;
    if (kept.length === KEPT && nonce < (kept[0] ?? 0)) return `Invalid nonce: ${nonce} is too low`;
    this.used.set(signer, [...kept, nonce].sort((a, b) => a - b).slice(-KEPT));
    return undefined;
  }
}
