/**
 * Stacks that name the place a user wrote. An error that comes of a timer or of somebody else's cancellation has no such place of its own:
 * it is given the one where the limit was set, or the cancellation asked for, as text that is made only when somebody looks.
 *
 * @module
 */

/** Gives an error the frames of another place. */
export function placeAt(error: Error, frames: () => string): void {
  Object.defineProperty(error, 'stack', {
    configurable: true,
    get(this: Error): string {
      const below = frames();
      const head = `${this.name}: ${this.message}`;
      const stack = below === '' ? head : `${head}\n${below}`;
      setStack(error, stack);
      return stack;
    },
    set: (stack: unknown) => setStack(error, stack),
  });
}

function setStack(error: Error, value: unknown): void {
  Object.defineProperty(error, 'stack', { configurable: true, writable: true, value });
}

/** The frames of an error as text, without its message. Empty where it has none, or a stack of its own invention. */
export function framesOf(error: Error): string {
  const { stack } = error;
  if (typeof stack !== 'string') return '';
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
