const OURS = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OURS_BARE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;
const TAKEN = /^[A-Za-z0-9]{0,32}$/;

/** Our id as OKX takes it, which is letters and digits alone: a UUID without its dashes. `undefined` where it would not come back. */
export function clOrdIdOf(clientOrderId: string): string | undefined {
  if (OURS.test(clientOrderId)) return clientOrderId.replaceAll('-', '');
  return TAKEN.test(clientOrderId) && !OURS_BARE.test(clientOrderId) ? clientOrderId : undefined;
}

export function clientOrderIdOf(clOrdId: string): string {
  return clOrdId.replace(OURS_BARE, '$1-$2-$3-$4-$5');
}
