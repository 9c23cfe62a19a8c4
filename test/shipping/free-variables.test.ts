import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFunction } from '../../src/shipping/free-variables.ts';

/** What is written, and the names it uses and does not declare. */
type Row = readonly [title: string, text: string, free: readonly string[]];

const rows: readonly Row[] = [
  // how a function may be written
  ['a function', 'function add(a, b) { return a + b + c; }', ['c']],
  ['an anonymous function', 'function (a) { return a + b; }', ['b']],
  ['an async function', 'async function f(a) { await g(a); }', ['g']],
  ['a generator', 'function* f(a) { yield a; yield* g(); const b = yield; return b; }', ['g']],
  ['an async generator', 'async function* f(a) { for await (const x of a) yield x + y; }', ['y']],
  ['an arrow', '(a, b) => a + b + c', ['c']],
  ['an arrow with one parameter', 'a => a + b', ['b']],
  ['an arrow without parameters', '() => a', ['a']],
  ['an async arrow', 'async (a) => { await b(a); }', ['b']],
  ['an async arrow with one parameter', 'async a => await b(a)', ['b']],
  [
    'an arrow that gives an object',
    '() => ({ a, b: c, [d]: 1, e() { return f; } })',
    'acdf'.split(''),
  ],
  ['a method', 'add(a) { return a + b; }', ['b']],
  ['an async method', 'async add(a) { return a + b; }', ['b']],
  ['a generator method', '*add(a) { yield a + b; }', ['b']],
  ['an async generator method', 'async *add(a) { yield a + b; }', ['b']],
  ['a getter', 'get value() { return b; }', ['b']],
  ['a setter', 'set value(a) { b = a; }', ['b']],
  ['a method with a quoted name', "'add it'(a) { return a + b; }", ['b']],
  [
    'a method with a computed name, which is not run again',
    '[key + (1)](a) { return a + b; }',
    ['b'],
  ],
  ['a method called get', 'get(a) { return a + b; }', ['b']],
  ['a method called async', 'async(a) { return a + b; }', ['b']],
  ['a private method', '#add(a) { return a + b; }', ['b']],
  // declarations
  ['recursion by name', 'function f(n) { return n === 0 ? 1 : f(n - 1); }', []],
  ['recursion of an arrow', 'n => n === 0 ? 1 : f(n - 1)', ['f']],
  ['var is hoisted out of blocks', '() => { if (x) { var a = 1; } return a; }', ['x']],
  ['let stays in its block', '() => { { let a = 1; } return a; }', ['a']],
  ['a function is known before its declaration', '() => { return f(); function f() {} }', []],
  [
    'names of a catch',
    '() => { try { a(); } catch ({ message, code: [b] }) { return message + b; } return b; }',
    ['a', 'b'],
  ],
  [
    'a catch without a name',
    '() => { try { a(); } catch { b(); } finally { c(); } }',
    'abc'.split(''),
  ],
  [
    'destructured parameters',
    '({ a, b: c, ...d }, [e, , f = g, ...h]) => [a, b, c, d, e, f, h]',
    ['g', 'b'],
  ],
  ['defaults see the parameters', '(a, b = a + c, { d = b } = {}) => d', ['c']],
  ['computed keys of a pattern', '({ [a]: b }) => b', ['a']],
  [
    'destructured variables',
    '() => { const { a, b: { c = d } } = e, [f] = g; return [a, c, f]; }',
    ['d', 'e', 'g'],
  ],
  [
    'destructuring without a declaration',
    '() => { let a; ({ a, b, c: d } = e); [a, f] = g; }',
    ['b', 'd', 'e', 'f', 'g'],
  ],
  [
    'a loop declares',
    '() => { for (let i = 0, n = a; i < n; i++) b(i); return i; }',
    ['a', 'b', 'i'],
  ],
  [
    'for of and for in',
    '() => { for (const [k, v] of a) b(k, v); for (var p in c) d(p); for (e of f) ; return p; }',
    'abcdef'.split(''),
  ],
  ['using', 'async () => { using a = b(); { await using c = d(a); } }', ['b', 'd']],
  ['using and let as names', '(using) => { using = 1; using(); return using; }', []],
  [
    'a class declares itself',
    '() => { class A extends B { static a = A; } return new A(); }',
    ['B'],
  ],
  [
    'a class expression is known inside',
    '() => { const C = class A { m() { return A; } }; return A; }',
    ['A'],
  ],
  [
    'a switch is one block',
    '() => { switch (a) { case b: let c = 1; break; case 2: { d; } default: c; } c; }',
    ['a', 'b', 'd', 'c'],
  ],
  ['functions nest', '(a) => (b) => { const c = (d) => a + b + c + d + e; return c; }', ['e']],
  ['an inner parameter ends with its function', '() => { ((a) => a)(1); return a; }', ['a']],
  // what only looks like a name
  ['properties', '(a) => a.b.c?.d?.[e]?.(f).return.new', ['e', 'f']],
  [
    'keys',
    '() => ({ a: 1, "b": 2, 3: c, get d() { return e; }, set d(v) { f(v); }, async *g() {}, async: 1, get: 2 })',
    ['c', 'e', 'f'],
  ],
  ['shorthand', '() => ({ a, async, get, static: b })', ['a', 'async', 'get', 'b']],
  ['spread', '(a) => [...a, ...b, { ...c, ...a }, d(...e)]', ['b', 'c', 'd', 'e']],
  ['labels', '() => { outer: for (;;) { inner: for (;;) { continue outer; } break outer; } }', []],
  ['strings', `() => 'a "b" \\' c' + "d 'e' \\" f" + g`, ['g']],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a template.
  ['templates', '(a) => `b ${a + `c ${d} }` + { e: f }.e} \\` \\${g} $h`', ['d', 'f']],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a template.
  ['tagged templates', '() => a`b${c}d`', ['a', 'c']],
  ['comments', '() => { // a\n /* b */ return /* c */ d; /** e\n */ }', ['d']],
  [
    'regular expressions',
    '(s) => /a\\/[/b"]+/giu.test(s) && s.replace(/`/g, c) && (1) / d / e',
    ['c', 'd', 'e'],
  ],
  ['a regular expression after a condition', '(s) => { if (s) /a/.test(b); return /c/d }', ['b']],
  ['division', '(a, b) => a / b / c + a[0] / d + f() / g', ['c', 'd', 'f', 'g']],
  ['numbers', '() => [0x1f, 1_000, 1e3, .5, 1.5e-7, 10n, 0b1, 1..toFixed, 2 .toFixed(a)]', ['a']],
  ['escaped names', '(\\u0061) => a + \\u{62}', ['b']],
  ['names beyond ASCII', '(größe) => größe + ñ + 变量', ['ñ', '变量']],
  ['literals', '() => [true, false, null, undefined, NaN]', ['undefined', 'NaN']],
  [
    'a statement that ends by its line',
    '() => {\n const a = 1\n const b = a\n let c\n c = d\n b\n ++c\n return\n e }',
    ['d', 'e'],
  ],
  [
    'operators that are words',
    '(a) => { delete a.b; void c; return typeof d in a && a instanceof e && !(f in a); }',
    'cdef'.split(''),
  ],
  ['a for loop with in inside brackets', '() => { for (let i = (a in b); i;) ; }', ['a', 'b']],
  ['conditionals with arrows', '(a) => a ? (b) => c : d => e ? f : g', ['c', 'e', 'f', 'g']],
  ['async as a name', '(a) => { async(a); const x = async; return async\n(a); }', ['async']],
  ['of, get, set, static and from as names', '(of, get, set, from) => of + get + set + from', []],
  ['new', '() => { new A(b), new C, new (d())(e), new f.G; }', ['A', 'b', 'C', 'd', 'e', 'f']],
  [
    'class members',
    '() => class { a = b; static c = d; #e = f; get g() { return this.#e; } static { h(); } [i]() {} async *j() {} static async k() {} static; async; l }',
    ['b', 'd', 'f', 'h', 'i'],
  ],
  // what belongs to the surroundings
  [
    'arguments of its own',
    'function f() { return arguments.length + (() => arguments[0])(); }',
    [],
  ],
  ['arguments of the surroundings', '() => arguments', ['arguments']],
  ['this of its own', 'function f() { return this + (() => this)(); }', []],
  ['this of the surroundings', '() => this.a', ['this']],
  ['this of an inner class', '() => class { a = this; static { this.b = 1; } }', []],
  ['new.target', 'function f() { return new.target; }', []],
  ['new.target of the surroundings', '() => new.target', ['new.target']],
  ['super of the surroundings', 'm() { return super.m(); }', ['super']],
  [
    'super of an inner class',
    '() => class extends A { constructor() { super(); } m() { return super.m(); } }',
    ['A'],
  ],
  [
    'a private name of its own class',
    '(o) => { class A { #a; static has(o) { return #a in o && o.#a; } } return A.has(o); }',
    [],
  ],
  ['a private name of the surroundings', 'm(o) { return o.#a; }', ['#a']],
  [
    'a private name in what a class extends',
    'm(o) { return class extends a(o.#a) { #a; }; }',
    ['a', '#a'],
  ],
  ['import.meta', '() => import.meta.url', ['import.meta']],
  ['import()', 'async (a) => (await import(a)).b', []],
];

describe('the free variables of a function', () => {
  it.each(rows)('%s', (_, text, free) => {
    expect([...readFunction(text).free].sort()).toEqual([...free].sort());
  });

  it.each(rows.filter(([, text]) => !/await using|^\S*using|\(using/.test(text)))(
    'is text that the host accepts: %s',
    (_, text) => {
      const { form } = readFunction(text);
      const inClass = `class A extends Object { #a; static text() { return class extends Object { #a; ${text} }; } }`;
      const inFunction = `async function f() { return (${text}); }`;
      const isModule = text.includes('import.meta');
      if (!isModule && !text.includes('new.target')) {
        expect(() => new Function(form === 'method' ? inClass : inFunction)).not.toThrow();
      }
    },
  );

  it.each([
    ['function f() {}', 'function'],
    ['async function* f() {}', 'function'],
    ['() => 1', 'arrow'],
    ['async => 1', 'arrow'],
    ['async (a) => 1', 'arrow'],
    ['f() {}', 'method'],
    ['get f() {}', 'method'],
    ['async f() {}', 'method'],
    ['class A {}', 'class'],
    ['class extends B {}', 'class'],
  ] as const)('%s is written as a %s', (text, form) => {
    expect(readFunction(text).form).toBe(form);
  });

  it('lists what a function imports', () => {
    const text = `async (a) => [import('node:fs'), import("./b.ts", { with: {} }), import(a), import('c' + a)]`;

    expect(readFunction(text).imports).toEqual(['node:fs', './b.ts', undefined, undefined]);
  });
});

describe('any function', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  interface Piece {
    readonly text: string;
    /** The names that it uses and does not declare. */
    readonly free: ReadonlySet<string>;
  }
  const union = (...sets: readonly ReadonlySet<string>[]): Set<string> =>
    new Set(sets.flatMap((set) => [...set]));
  const without = (set: ReadonlySet<string>, gone: string): Set<string> =>
    new Set([...set].filter((each) => each !== gone));
  const { expression } = fc.letrec<{ expression: Piece }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      name.map((n) => ({ text: n, free: new Set([n]) })),
      fc
        .constantFrom('1', "'a'", '/[/b]/g', '"`"')
        .map((text) => ({ text, free: new Set<string>() })),
      fc
        .tuple(tie('expression'), fc.constantFrom('+', '/', '&&', 'in', ','), tie('expression'))
        .map(([left, operator, right]) => ({
          text: `(${left.text} ${operator} ${right.text})`,
          free: union(left.free, right.free),
        })),
      fc.tuple(name, tie('expression')).map(([parameter, body]) => ({
        text: `((${parameter}) => ${body.text.startsWith('{') ? `(${body.text})` : body.text})`,
        free: without(body.free, parameter),
      })),
      fc.tuple(name, tie('expression'), tie('expression')).map(([own, value, body]) => ({
        text: `(() => { for (const ${own} of [0]) { let ${own} = () => ${value.text}\n } ${body.text}; var ${own}; })()`,
        free: union(without(value.free, own), without(body.free, own)),
      })),
      fc.tuple(name, tie('expression'), tie('expression')).map(([key, value, rest]) => ({
        text: `({ ${key}: ${value.text}, ...${rest.text}, ${key}() { return \`\${${value.text}}\` } }).${key}`,
        free: union(value.free, rest.free),
      })),
      fc.tuple(name, tie('expression')).map(([own, body]) => ({
        text: `(function ${own}({ ${own}: x = ${own} }) { try { ${body.text} } catch (${own}) { ${own} } })`,
        free: without(body.free, own),
      })),
      fc
        .tuple(tie('expression'), tie('expression'), tie('expression'))
        .map(([one, two, three]) => ({
          text: `(${one.text} ? ${two.text} : ${three.text})`,
          free: union(one.free, two.free, three.free),
        })),
    ),
  }));

  it('uses the names that were put into it', () => {
    fc.assert(
      fc.property(expression, ({ text, free }) => {
        expect([...readFunction(`() => ${text}`).free].sort()).toEqual([...free].sort());
      }),
    );
  });
});
