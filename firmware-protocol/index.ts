/**
 * `norbridge/protocol`: the wire formats, for authors of bridges, of protocol analyzers and of their tests.
 *
 * PROTOCOL.md specifies the native protocol; the section is named at each symbol. SERPROG.md describes the part of serprog
 * that an SPI bridge uses. Everything here is a pure function or a small decoder without a port or a clock.
 */
export * from "./block-check.ts";
export * from "./crc.ts";
export * from "./frame.ts";
export * from "./frame-decoder.ts";
export * from "./hello.ts";
export * from "./record.ts";
export * from "./result.ts";
export * from "./run-length.ts";
export * as serprogAnswers from "./serprog/answer.ts";
export * as serprogCommands from "./serprog/command.ts";
export * from "./status.ts";
export * from "./step.ts";
export * from "./varint.ts";
