/** The wire words, as `norbridge/protocol`: for whoever writes a bridge, a sniffer or a test of one. */
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
