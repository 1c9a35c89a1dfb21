/** Of the whole workspace; libraries are not versioned apart. */
export const VERSION = '0.1.0';
