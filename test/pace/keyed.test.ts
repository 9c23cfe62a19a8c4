import { keyed, limiter, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

describe('keyed', () => {
  it('gives each key a limiter of its own', () =>
    virtual(async (clock) => {
      const made: string[] = [];
      const hosts = keyed((host: string) => {
        made.push(host);
        return limiter(1);
      });
      const call = (host: string) =>
        hosts
          .get(host)(sleep, 10)
          .then(() => clock.now());

      expect(await Promise.all(['a', 'b', 'a'].map(call))).toEqual([10, 10, 20]);
      expect([made, hosts.size]).toEqual([['a', 'b'], 2]);
    }));

  it('forgets keys that are idle, and keeps those that are not', () =>
    virtual(async () => {
      const hosts = keyed(() => limiter(1), { idle: '1m' });
      const busy = hosts.get('busy');
      const call = busy(sleep, '1h');
      hosts.get('idle');
      await sleep('59s');
      expect(hosts.size).toBe(2);
      hosts.get('used');
      await sleep('2s');
      expect(hosts.size).toBe(2);
      expect(hosts.get('busy')).toBe(busy);
      await call;
    }));

  // https://github.com/pnpm/pnpm/pull/6296: 500 MB of limiters that nobody used any more.
  it('does not grow with the keys that come and go', () =>
    virtual(async () => {
      const hosts = keyed((_: number) => limiter(1), { idle: 0 });
      for (let key = 0; key < 1000; key++) {
        expect(await hosts.get(key)(() => key)).toBe(key);
        expect(hosts.size).toBeLessThanOrEqual(1);
      }
    }));
});
