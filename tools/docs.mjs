// npm run docs: runs every command of the documentation, those too that `npm test` only parses because they are slow.
process.env.EK_DOCS_ALL = '1';
process.argv.push('services/keel/src/docs/documented-commands.spec.ts');
await import('./test.mjs');
