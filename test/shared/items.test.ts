import { describe, expect, it } from 'vitest';
import { type ItemsHub, type ItemsSeat, shareItems } from '../../src/sync/items-hub.ts';
import { Boundary, failure, turns } from './boundary.ts';

interface Copy<T> {
  readonly seat: ItemsSeat<T>;
  readonly boundary: Boundary;
  readonly items: AsyncIterableIterator<T>;
}

function copyOf<T>(hub: ItemsHub<T>, delay?: () => number): Copy<T> {
  const seat = hub.join();
  const boundary = new Boundary(delay);
  const [items] = boundary.cross(seat as AsyncIterableIterator<T>);
  return { seat, boundary, items };
}

async function end({ seat, boundary }: Copy<unknown>): Promise<void> {
  await boundary.finish();
  seat.leave();
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('a shared source among workers', () => {
  it.each([
    ['sync', 20_000],
    ['async', 2000],
  ] as const)('gives every item of a %s source to exactly one', async (kind, count) => {
    async function* slow(): AsyncGenerator<number> {
      for (const n of upTo(count)) {
        if (n % 100 === 0) await turns(1);
        yield n;
      }
    }
    const hub = shareItems(kind === 'sync' ? upTo(count) : slow());
    const copies = [copyOf(hub), copyOf(hub), copyOf(hub, () => 2)];
    const lists = await Promise.all(
      copies.map(async ({ items }) => {
        const list: number[] = [];
        for await (const n of items) list.push(n);
        return list;
      }),
    );
    expect(lists.flat().sort((a, b) => a - b)).toEqual(upTo(count));
    expect(lists.every((list) => list.length > 0)).toBe(true);
    for (const copy of copies) await end(copy);
    expect(copies.map(({ seat }) => seat.taken)).toEqual(lists.map((list) => list.length));
    expect(copies.flatMap(({ seat }) => seat.unfinished)).toEqual([]);
    expect([hub.taken, hub.left]).toEqual([count, []]);
    await hub.close();
  });

  it('sends batches: far fewer messages than items', async () => {
    const hub = shareItems(upTo(20_000));
    const copy = copyOf(hub);
    let count = 0;
    for await (const _ of copy.items) count++;
    expect([count, copy.boundary.worker.sent < 2000]).toEqual([20_000, true]);
    await end(copy);
    await hub.close();
  });

  it('lets a hungry copy have what lies behind a slow one', async () => {
    const hub = shareItems(upTo(1000));
    const slow = copyOf(hub);
    const fast = copyOf(hub);
    const seen: number[] = [];
    // Fast until its batches are large, then at a stand in the middle of one.
    while (seen.length < 900) seen.push((await slow.items.next()).value as number);
    for await (const n of fast.items) seen.push(n);
    expect(seen.sort((a, b) => a - b)).toEqual(upTo(1000));
    expect((await slow.items.next()).done).toBe(true);
    await end(slow);
    await end(fast);
    await hub.close();
  });

  it('gets back what a copy has not begun when it leaves its loop or ends', async () => {
    const hub = shareItems(upTo(1000));
    const [first, second] = [copyOf(hub), copyOf(hub)];
    const seen: number[] = [];
    for await (const n of first.items) {
      seen.push(n);
      if (seen.length === 400) break;
    }
    seen.push((await first.items.next()).value as number);
    await end(first);
    expect(first.seat.taken).toBe(401);
    for await (const n of second.items) seen.push(n);
    expect(seen.sort((a, b) => a - b)).toEqual(upTo(1000));
    await end(second);
    await hub.close();
  });

  it('reports the items of a copy that died, and repeats none', async () => {
    const hub = shareItems(upTo(1000));
    const [dying, other] = [copyOf(hub), copyOf(hub)];
    const seen: number[] = [];
    while (seen.length < 300) seen.push((await dying.items.next()).value as number);
    dying.boundary.die();
    dying.seat.leave(true);
    const rest: number[] = [];
    for await (const n of other.items) rest.push(n);
    const lost = dying.seat.unfinished;
    expect(lost).toContain(seen.at(-1));
    const finished = seen.filter((n) => !lost.includes(n));
    expect([...finished, ...lost, ...rest].sort((a, b) => a - b)).toEqual(upTo(1000));
    expect((await failure(dying.items.next())).code).toBe('ERR_CALL_ENDED');
    await end(other);
    await hub.close();
  });

  it('reports the one item that a body failed with', async () => {
    const hub = shareItems(upTo(1000));
    const copy = copyOf(hub);
    for (let n = 0; n < 300; n++) await copy.items.next();
    await copy.boundary.finish();
    copy.seat.leave(true);
    expect(copy.seat.unfinished).toEqual([299]);
    expect(copy.seat.taken).toBe(300);
    const rest: number[] = [];
    for await (const n of hub.join()) rest.push(n);
    expect(rest).toEqual(upTo(1000).slice(300));
    await hub.close();
  });

  it('gets back a batch that was on its way when the body ended', async () => {
    const hub = shareItems(upTo(10));
    const copy = copyOf(hub, () => 3);
    const unused = failure(copy.items.next());
    while (hub.taken === 0) await turns(1);
    await copy.boundary.finish();
    copy.seat.leave();
    expect((await unused).code).toBe('ERR_CALL_ENDED');
    expect([copy.seat.taken, copy.seat.unfinished, hub.taken]).toEqual([0, [], 0]);
    const rest: number[] = [];
    for await (const n of hub.join()) rest.push(n);
    expect(rest).toEqual(upTo(10));
    await hub.close();
  });

  it('does not report items that a copy had finished when it died waiting for more', async () => {
    let go: (() => void) | undefined;
    async function* source(): AsyncGenerator<number> {
      yield 0;
      yield 1;
      await new Promise<void>((resolve) => {
        go = resolve;
      });
    }
    const hub = shareItems(source());
    const copy = copyOf(hub);
    expect((await copy.items.next()).value).toBe(0);
    expect((await copy.items.next()).value).toBe(1);
    const waiting = failure(copy.items.next());
    while (go === undefined) await turns(1);
    await turns(5);
    copy.boundary.die();
    copy.seat.leave(true);
    expect((await waiting).code).toBe('ERR_CALL_ENDED');
    expect([copy.seat.taken, copy.seat.unfinished]).toEqual([2, []]);
    go();
    await hub.close();
  });

  it('fails in every copy when the source does', async () => {
    function* source(): Generator<number> {
      yield 1;
      throw new RangeError('wrong');
    }
    const hub = shareItems(source());
    const copies = [copyOf(hub), copyOf(hub)];
    expect((await copies[0]?.items.next())?.value).toBe(1);
    for (const { items } of copies) expect((await failure(items.next())).message).toBe('wrong');
    for (const copy of copies) await end(copy);
    await hub.close();
  });
});
