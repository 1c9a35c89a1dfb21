export { createKernelInstance, kernelBytes, kernelHash, sharedKernel } from './kernel-instance';
export type { KernelInstance } from './kernel-instance';
export { math } from './math';
export { PricingError, invalidInput } from './errors';
export { priceBarrier } from './exotic/barrier';
export type { BarrierInputs } from './exotic/barrier';
export { priceDigital } from './exotic/digital';
export type { DigitalInputs } from './exotic/digital';
