import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SOURCE = fileURLToPath(new URL('..', import.meta.url));
const ENDINGS = ['', '.ts', '.tsx', '/index.ts'];

/** Every module of `src` with the modules of `src` that it imports, types and lazy ones included. */
export function readImports(): Map<string, string[]> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(SOURCE, name));
  return new Map(files.map((file) => [nameOf(file), importsOf(file)]));
}

/** The groups of modules that import each other, directly or indirectly (Tarjan's algorithm). */
export function findCycles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (name: string): number => {
    const own = index.size;
    index.set(name, own);
    stack.push(name);
    let low = own;
    for (const next of imports.get(name) ?? []) {
      if (!index.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, index.get(next) ?? low);
    }
    if (low === own) {
      const group = stack.splice(stack.indexOf(name));
      if (group.length > 1 || imports.get(name)?.includes(name)) circles.push(group.sort());
    }
    return low;
  };
  for (const name of imports.keys()) if (!index.has(name)) visit(name);
  return circles;
}

const nameOf = (file: string) => relative(SOURCE, file).replaceAll('\\', '/');

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles.flatMap(({ fileName }) => {
    const path = fileName.startsWith('@/')
      ? join(SOURCE, fileName.slice(2))
      : fileName.startsWith('.')
        ? resolve(dirname(file), fileName)
        : null;
    const found = ENDINGS.map((ending) => `${path}${ending}`).find(
      (each) => path && existsSync(each) && statSync(each).isFile(),
    );
    return found ? [nameOf(found)] : [];
  });
}
