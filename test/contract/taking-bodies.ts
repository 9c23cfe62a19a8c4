/**
 * Bodies of copies that share a source.
 *
 * @module
 */
import { type CopyContext, sleep } from 'skein';

/** Takes what there is. */
export async function takeAll({ items }: CopyContext): Promise<void> {
  for await (const _ of items);
}

/** One takes an item, and both fail while they wait for another. */
export async function failAtOne({ items, index }: CopyContext): Promise<void> {
  if (index === 0) await items.next();
  items.next().catch(() => undefined);
  await sleep(5);
  throw new Error('boom');
}

/** The first fails when the others wait. */
export async function firstFails({ items, index }: CopyContext): Promise<void> {
  if (index === 0) {
    await sleep(5);
    throw new Error('boom');
  }
  for await (const _ of items);
}
