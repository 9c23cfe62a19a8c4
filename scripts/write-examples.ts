/**
 * Writes the examples of the documentation to .doctest, where the type checker and the tests find them. Not below node_modules:
 * Node strips no types there.
 *
 * @module
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { extractExamples } from './extract-examples.ts';

const folder = '.doctest';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const { where, code } of extractExamples(['src/**/*.ts', 'docs/**/*.md', 'README.md'])) {
  const name = where.replace(/[^\w]+/g, '-');
  writeFileSync(`${folder}/${name}.ts`, `// ${where}\n${code}\nexport {};\n`);
}
