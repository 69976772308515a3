/** What these tests use of WebAssembly: its types come with the DOM's, which a program for Node does not want. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
    private readonly isModule: never;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, (...values: number[]) => number>>);
    readonly exports: unknown;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
}
