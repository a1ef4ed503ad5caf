// SPDX-License-Identifier: Apache-2.0
// What index.d.ts and usage.ts take of Node's own types, which are not installed wherever the tests run.
declare class Buffer extends Uint8Array {}
declare class AbortSignal {}
declare class AbortController {
  readonly signal: AbortSignal;
}
declare const process: { readonly argv: string[] };
declare module 'node:assert/strict' {
  function assert(value: unknown): asserts value;
  export = assert;
}
declare module 'node:fs' {
  function readFileSync(path: string): Buffer;
}
