import * as fc from "fast-check";

// Programs are grown from templates. In a template a capital letter stands for what is generated: E an expression, S a
// statement, X and Y the same without `await`, T a pattern to assign to, O an operator, A an assignment operator, each
// time anew; N and M two names that all programs declare, K a property, the same all over the template; Z and Z2 names
// that are the statement's own.

function lines(text: string): string[] {
  return text.split("\n").flatMap((line) => line.trim() || []);
}

const expressions = lines(`
  N
  0
  1
  -1
  's'
  null
  undefined
  true
  [1, 2]
  7n
  (E O E)
  (E ? E : E)
  (E, E)
  !E
  void E
  typeof N
  typeof missing
  ++N
  N--
  (N A E)
  (o.K A E)
  (o[E] = E)
  (T = E)
  [E, , ...[E]]
  o.K
  o?.K?.[E]
  o.K?.(E)
  o?.m(E)
  (o.m)(E)
  delete o.K
  delete o[E]
  delete o?.K
  Object.keys(o)
  ({ N, K: E, [E]: M, ...o })
  ({ get K() { return X }, set K(v) { N = v } }).K
  (({ set K(N) { log(N, M) } }).K = E)
  ({ N() { return [X, typeof N, this.M, super.toString === Object.prototype.toString] } }).N()
  f(E)
  f?.(E, ...[E])
  (0, f)(E)
  new Base(E).v
  f.call(o, E)
  ((N) => X)(E)
  ((N = X, { K: M = N } = {}, ...rest) => [N, M, rest])(...[E])
  ((N, M = () => N) => { var N = X; return [N, M()] })(E)
  ((M = N, g = () => N) => { var N = X; return [M, N, g()] })()
  (({ K: [N = X] = [], ...M }) => [N, M])({ K: E })
  (function N() { return [typeof N, arguments.length, this === undefined, new.target === undefined] })(E)
  (function () { return () => [this === undefined, arguments[0]] })(E)()
  (function () { Y return X })()
  (function () { N = 5; Y var N; return inner(); function inner() { return N } })()
  [...(function* () { N = yield X; yield* [X]; return X })()]
  (() => { try { return X } finally { Y } })()
  (() => { const g = () => late; let late = X; return g() })()
  (() => { try { N2; } catch (error) { return error.name } let N2 = 1 })()
  [(() => 1).name, (N = () => 1).name, (N ??= class {}).name, ({ K: () => 1 }).K.name]
  (await (async () => { S return E })())
  (await (async (N) => await E)(E))
  (await Array.fromAsync((async function* () { yield E; S })()))
  new (class { K = X; ['m' + X]() {} static s = X })().K
  (class N { static K = typeof N; static { log(this.name, M); Y } }).K
  new (class { #p = X; get p() { return #p in this ? this.#p : 0 } static #q() { return N } static r = this.#q() })().p
  new (class extends Base { constructor() { super(X); N = super.get() } })().v
  (class { static accessor K = X }).K
  (class { static [X] = N; static async *g() {} }).name
  (E as any)
  ((E)!)
  (E satisfies unknown)
  (<any>E)
  (<U,>(v: U): U => v)(E)
  ((N as any) A E)
  (N! A E)
  (function (this: any, N?: number): unknown { return [X, this === o] }).call(o)
  new (class { constructor(public N: any, private readonly r = N) {} })(E).N
`);

const templateExpressions = ["`<${E}${E}>`", "f`x${E}y`", "o.m`x${E}`"];

const targets = lines(`
  [N, o.K = E, ...M]
  [, [N = E] = [], ...[M]]
  { N, K: M = E, ...o.rest }
  { [E]: N, M = E }
  { K: [N] = [E], y: { z: o.K } = {} }
`);

const statements = lines(`
  log(E);
  void E;
  N A E;
  N = await E;
  if (E) { S } else S
  if (E) N++;
  { S S }
  ;
  debugger;
  [N, M] = [M, N];
  ({ N, M = E } = { N: E } as any);
  log(this === undefined, (() => this)());
  { let N = E; S log(N) }
  { const N = 1; try { N = 2 } catch (error) { log(error.name) } }
  { try { log(N) } catch (error) { log(error.name) } let N = 1; S }
  { log(N()); function N() { return typeof N } S }
  { class N extends Base { static K = X; m() { return N } } log(N.K, N.name, new N(1).m() === N) }
  { const { K: N = E, ...M } = { K: E, z: 1 }; S log(N, M) }
  { let N, M = (N = E); fns.push(() => [N, M]); S }
  { using N = res(E); log(N.v); S }
  { await using N = res(E); S }
  { enum N { p = 1, q = p + 1 } log(N.q, N[1]) }
  { var w = E; S log(w) }
  for (const N of [1, 2]) { tick(); S fns.push(() => N) }
  for (let N = 0; N < 2; N++) { tick(); fns.push(() => N); S }
  for (let N = 0, g = () => N; N < 2; N++) { tick(); log(g()) }
  for (let [N, M = E] = [0]; N < 2; N++) { tick(); log(N, M) }
  for (N = 0; N < 2; N++) { tick(); S }
  for (N of [1, 2]) { tick(); S }
  for (T of [[1, 2], { a: 3 }]) { tick(); S }
  for (o.K of [E]) { tick(); S }
  for (N in { p: 1, q: 2 }) { tick(); S }
  for (var w2 in { p: E }) { tick(); log(w2) }
  for (const { x: N = E } of [{}, { x: 1 }]) { tick(); S }
  for await (const N of [E, Promise.resolve(2)]) { tick(); S }
  for await (N of (async function* () { yield 1; yield E })()) { tick(); S }
  for (using N of [res(E)]) { tick(); S }
  for (;;) { tick(); S break }
  while (E) { tick(); S if (E) continue; break }
  do { tick(); S } while (false);
  N: for (const i of [1, 2]) for (const j of [1, 2]) { tick(); if (E) continue N; if (j > 1) break N; S }
  block: { S if (E) break block; log('on') }
  switch (E) { case E: let N = 1; S case 2: log(typeof o); break; default: N = 3; log(N) }
  switch (N) { case E: { S } default: S }
  try { S throw E } catch (N) { log(N); S } finally { S }
  try { throw { x: E } } catch ({ x: N = 2, ...M }) { log(M); S }
  try { S null.x } catch { S }
  try { frozen = E } catch (error) { log(error.name) }
  try { ({ frozen } = { frozen: 1 }) } catch (error) { log(error.name) }
  try { missing = E } catch (error) { log(error.name) }
`);

const declarations = lines(`
  const Z = E; log(Z);
  let Z = E; Z = [Z, E]; log(Z);
  let Z; [Z = E, N] = [, 2]; log(Z);
  var Z = E; { var Z = E; } log(Z);
  log(typeof Z, Z); var Z = E;
  try { Z } catch (error) { log(error.name) } let Z = E;
  try { Z = 1 } catch (error) { log(error.name) } const Z = E;
  const { x: Z, y: [Z2 = E, ...Z3] = [], ...Z4 } = { x: E, z: 1 }; log(Z, Z2, Z3, Z4);
  const [Z, Z2 = Z] = [E, undefined]; log(Z, Z2);
  var [Z, { K: Z2 } = { K: E }] = [E]; log(Z, Z2);
  log(Z(E)); function Z(N = X) { Y return [N, Z.name, this === undefined, arguments.length] }
  function Z() { return Z2 } var Z2 = E; log(Z()); Z2 = E; log(Z());
  async function Z() { S return E } log(await Z());
  function* Z() { yield X; Y } log(Z.name, [...Z()].length);
  class Z extends Base { static x = X; static { Z.y = this === Z; Y } z = X } log(Z.x, Z.y, Z.name, new Z(1));
  let Z = class { static me = () => Z }; const Z2 = Z; log(Z2.me() === Z2); Z = 1; log(typeof Z2.me());
  class Z { static me = () => Z } const Z2 = Z; Z = 1; log(typeof Z, Z2.me() === Z2);
  function Z() { return typeof Z } const Z2 = Z; Z = 1; log(typeof Z, Z2());
  const Z = () => Z2; let Z2 = E; log(Z()); Z2 = 2; log(Z());
  const Z = function Z2() { return typeof Z2 }; log(Z(), Z.name);
  for (var Z = 0, Z2 = 1; Z < 2; Z++) { tick(); fns.push(() => Z) } log(Z, Z2);
  for (var Z of [E]) { S } log(Z);
  for (var [Z, Z2 = E] of [[1]]) { S } log(Z, Z2);
  if (E) { var Z = E; } log(Z);
  switch (E) { default: var Z = E; } log(Z);
  try { throw 1 } catch (Z) { var Z2 = Z; S } log(Z2);
  label: for (const i of [1, 2, 3]) { if (i === 2) continue label; var Z = i; S } log(Z);
  enum Z { p, q = 5, r = q * 2 } log(Z.r, Z[0], Z);
  enum Z { p = N as any, q = 's'.length } enum Z { r = 7 } log(Z.q, Z.r);
  const enum Z { p = 2 } log(Z.p);
  namespace Z { export const x = X; export function y() { return x } const z = 1; } log(Z.x, Z.y(), Object.keys(Z));
  namespace Z { export let x = 1; export function inc() { return ++x } } Z.inc(); log(Z.x);
  namespace Z.Z2 { export const x = X } log(Z.Z2.x);
  interface Z { x: number } type Z2 = Z; const Z3: Z = { x: E as any }; log(Z3);
  abstract class Z { abstract m(): void; declare q: number; constructor(protected r = X) {} } class Z2 extends Z { m() {} } log(new Z2());
  function Z(v: number): number; function Z(v: any): any { return v } log(Z(E as any));
  @dec class Z { @dec m() { return X } @dec static x = 1; @dec accessor y = X } log(Z.x, new Z().y, Z.name);
  const Z = async (v = X) => v; log(await Z());
  export const Z = E; log(Z);
  export function Z() { return X } log(Z());
  export { Z as Z2 }; let Z = E; log(Z);
  export { N as Z };
  export class Z { static x = X } log(Z.x, Z.name);
  export enum Z { p = 2 } log(Z.p);
  export var { x: Z = E, ...Z2 } = { y: E }; log(Z, Z2);
  export async function* Z() { yield E; S } log((await Array.fromAsync(Z())).length);
  log(Z); import { sep as Z } from 'node:path';
  import Z, * as Z2 from 'node:path'; log(Z.sep, typeof Z2.join, (() => Z.sep)(), Z?.posix.sep);
  import { sep as Z } from 'node:path'; try { Z = 1 } catch (error) { log(error.name) } log({ Z }, typeof Z);
  import { type ParsedPath as Z, sep as Z2 } from 'node:path'; const Z3: Z | string = Z2; log(Z3);
  const { sep: Z } = await import('node:path'); log(Z, typeof import.meta);
`);

/** Where `await` is no operator: in functions that are not async, in classes, in parameters. */
function withoutAwait(text: string): string {
  return text.replaceAll(/\b(?:await|async) ?/g, "").replaceAll("Array.fromAsync", "Array.from");
}

type Kinds = Record<"E" | "S" | "T", string>;

const picks: Record<string, fc.Arbitrary<string>> = {
  O: fc.constantFrom("+", "-", "*", "<", "===", "&&", "||", "??", "in o ||", "instanceof Base ||"),
  A: fc.constantFrom("=", "+=", "-=", "||=", "&&=", "??=", "**="),
};

/** Makes an arbitrary of a template. */
function grow(template: string, tie: (kind: keyof Kinds) => fc.Arbitrary<string>): fc.Arbitrary<string> {
  const parts = template
    .split(/(?<![\w$])([A-Y])(?!\w)|(?<![\w$])([NMK])(?=\d(?!\w))/)
    .filter((part) => part !== undefined);
  const made: Record<string, fc.Arbitrary<string>> = {
    ...picks,
    E: tie("E"),
    S: tie("S"),
    T: tie("T"),
    X: tie("E").map(withoutAwait),
    Y: tie("S").map(withoutAwait),
  };
  const names = fc.shuffledSubarray(["a", "b", "c"], { minLength: 2, maxLength: 2 });
  const arbitraries = parts.map((part) => made[part] ?? fc.constant(part));
  return fc.tuple(names, fc.constantFrom("x", "y", "a"), ...arbitraries).map(([[n, m], k, ...texts]) => {
    const shared: Record<string, string | undefined> = { N: n, M: m, K: k };
    return texts.map((text, i) => shared[parts[i] ?? ""] ?? text).join("");
  });
}

const grown = fc.letrec<Kinds>((tie) => {
  const all = (templates: readonly string[], maxDepth: number): fc.Arbitrary<string> =>
    fc.oneof({ maxDepth, withCrossShrink: true }, ...templates.map((template) => grow(template, tie)));
  return { E: all([...expressions, ...templateExpressions], 4), S: all(statements, 3), T: all(targets, 3) };
});

/** A statement of a cell; the number makes the names that are its own. */
export type Statement = (index: number) => string;

/** Statements of a cell's top level: what blocks may hold, and declarations of the notebook's names. */
export const statement: fc.Arbitrary<Statement> = fc.oneof(
  grown.S.map(
    (text): Statement =>
      () =>
        text,
  ),
  fc.oneof(...declarations.map((template) => grow(template, (kind) => grown[kind]))).map(
    (text): Statement =>
      (index) =>
        text.replaceAll(/\bZ(\d?)\b/g, `z${index}_$1`),
  ),
);

/** What a program begins with. */
export const head = `let a = 1, b = 2, c = 3;
const o = { x: 1, y: [2], m(v) { return [this === o, typeof v] } };
const frozen = 1;
function f(v, ...rest) { return [this === undefined, this === o, Array.isArray(v) ? v.length : v, rest.length, arguments.length] }
class Base { constructor(v) { this.v = v } get() { return this.v } }`;

/** What shows how a program has ended. */
export const tail = "log(a, b, c, o, fns.map((fn) => fn()))";
