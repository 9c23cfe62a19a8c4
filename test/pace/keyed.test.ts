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
      await sleep('61s');
      expect(hosts.size).toBe(3);
      await sleep('61s');
      expect(hosts.size).toBe(1);
      expect(hosts.get('busy')).toBe(busy);
      await call;
    }));

  it('keeps one that has just ended its work: its rate goes on', () =>
    virtual(async (clock) => {
      const starts: number[] = [];
      const start = () => starts.push(clock.now());
      const keys = keyed(() => limiter({ rate: '1/m' }), { idle: '1m' });
      await Promise.all([1, 2, 3, 4, 5].map(() => keys.get('a')(start)));

      await sleep('1s');
      await keys.get('b')(sleep, 0);
      await keys.get('a')(start);

      expect(starts).toEqual([0, 60_000, 120_000, 180_000, 240_000, 300_000]);
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
