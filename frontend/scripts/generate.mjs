// Generates API clients from the committed OpenAPI documents; `--check` fails if they differ.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const documents = new URL('../../docs/openapi/', import.meta.url);
const target = new URL('../src/api/generated/', import.meta.url);
const HEAD = '// Made by `npm run generate` from docs/openapi; do not edit.\n';

const names = existsSync(documents)
  ? readdirSync(documents).filter((name) => name.endsWith('.json'))
  : [];
if (names.length === 0) {
  console.error('No OpenAPI documents under docs/openapi.');
  process.exit(1);
}

const drifted = [];
for (const name of names) {
  const ast = await openapiTS(new URL(name, documents), { alphabetize: true });
  const text = HEAD + astToString(ast);
  const file = new URL(name.replace(/\.json$/, '.ts'), target);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (before === text) continue;
  if (process.argv.includes('--check')) drifted.push(name);
  else writeFileSync(file, text);
}
if (drifted.length > 0) {
  console.error(`Out of step with docs/openapi: ${drifted.join(', ')}. Run \`npm run generate\`.`);
  process.exit(1);
}
console.log(`${names.length} API clients are in step with docs/openapi.`);
