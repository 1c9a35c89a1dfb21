// Runs one bench in a process of its own, so that what one has warmed up or left behind does not colour the next.
import { pathToFileURL } from 'node:url';

const [file, quick] = process.argv.slice(2);
const { default: bench } = await import(pathToFileURL(file).href);
const result = await bench({ quick: quick === 'quick' });
process.stdout.write(JSON.stringify(result), () => process.exit());
