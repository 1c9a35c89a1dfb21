import { specificationOf } from '../src/catalogue';
import { contractOf } from '../src/contract/contract';
import type { Contract } from '../src/contract/contract';

/** A contract of the built-in catalogue. */
export function catalogued(id: string): Contract {
  const found = specificationOf(id);
  if (!found.ok) throw new Error(found.failure.message);
  return contractOf(found.value);
}
