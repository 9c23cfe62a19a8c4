/**
 * The worker entries as text, for programs whose bundler left their files behind. There is none in source form, where the files are
 * always at hand: the build replaces this module by one that holds them ([build.ts](../../../scripts/build.ts)).
 *
 * @module
 */

/**
 * Kind of worker to the script that it runs, as JSON in Brotli in base64. A script is self-contained, neither CommonJS nor a module, so
 * that any host can evaluate it.
 */
export const ENTRY_TEXT: string | undefined = undefined;
