/**
 * Files as stacks name them, and as modules are imported.
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';

/** The URL of the file of a place as stacks name it: `file:///a.ts:4:7`, or a path. */
export function fileOfPlace(place: string | undefined): string | undefined {
  return fileUrl(place?.replace(/:\d+(?::\d+)?$/, '') ?? '');
}

/** Turns a URL or path of a file into its URL. */
export function fileUrl(text: string): string | undefined {
  if (text.startsWith('file:')) return text;
  if (!/^(?:[a-zA-Z]:)?[\\/]/.test(text)) return undefined;
  return hostModule<typeof import('node:url')>('node:url')?.pathToFileURL(text).href;
}
