export { createKernelInstance, kernelBytes, kernelHash, sharedKernel } from './kernel-instance';
export type { KernelInstance } from './kernel-instance';
export { math } from './math';
export { PricingError, invalidInput } from './errors';
