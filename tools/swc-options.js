/** The one set of compiler options: used by Jest and by tools/build.mjs, so tests run what ships. */
module.exports = {
  sourceMaps: 'inline',
  module: { type: 'commonjs', strict: true },
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
};
