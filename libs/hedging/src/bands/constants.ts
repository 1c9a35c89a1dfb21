export const PI = 3.141592653589793;
/** √(2/π): the mean of |Z| for a standard normal Z. */
export const TWO_OVER_PI_ROOT = 0.7978845608028654;
/** φ(0) = 1/√(2π). */
export const NORMAL_DENSITY_AT_ZERO = 0.3989422804014327;
