// Checks that the first page loads at most 200 KB of gzipped scripts: those of index.html with their imports.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 200;
const dist = new URL('../dist/', import.meta.url);
const read = (file) => readFileSync(new URL(file, dist));

const manifest = JSON.parse(read('.vite/manifest.json').toString());
const files = new Set(['theme.js']);
const visit = (key) => {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const next of chunk.imports ?? []) visit(next);
};
visit('index.html');

let total = 0;
for (const file of files) {
  const size = gzipSync(read(file)).length / 1024;
  total += size;
  console.log(`${size.toFixed(1).padStart(8)} KB  ${file}`);
}
console.log(`${total.toFixed(1).padStart(8)} KB  initial script, gzipped (limit ${LIMIT_KB} KB)`);
if (total > LIMIT_KB) {
  console.error('The first page is too heavy: load something later.');
  process.exit(1);
}
