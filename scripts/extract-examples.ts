/**
 * Finds the TypeScript examples in doc comments and Markdown, so that they are type-checked and run like tests.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs';

/** One fenced block of TypeScript. */
export interface Example {
  /** Where the block starts, as `path:line`. */
  readonly where: string;
  readonly code: string;
}

const FENCE =
  /^(?<margin>[ \t]*(?:\*[ \t]?)?)```ts(?<info>[^\n]*)\n(?<body>[\s\S]*?)^[ \t]*(?:\*[ \t]?)?```/gm;

/** Lists the examples of every file that a pattern matches; blocks marked `no-run` are left out. */
export function extractExamples(patterns: readonly string[]): Example[] {
  return globSync([...patterns])
    .sort()
    .flatMap((path) => {
      const text = readFileSync(path, 'utf8');
      return [...text.matchAll(FENCE)]
        .filter(({ groups }) => !groups?.info?.includes('no-run'))
        .map(({ index, groups }) => {
          const line = text.slice(0, index).split('\n').length;
          const body = groups?.body ?? '';
          const inComment = groups?.margin?.includes('*');
          const code = inComment ? body.replace(/^[ \t]*\*[ \t]?/gm, '') : body;
          return { where: `${path}:${line}`, code };
        });
    });
}
