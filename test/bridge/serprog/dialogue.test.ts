/** Scripts of commands and answers. */
import { expect, it } from "vitest";
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import { plain } from "../../../src/bridge/serprog/command.ts";
import { Dialogue, type DialogueScript, type Replies, request } from "../../../src/bridge/serprog/dialogue.ts";

const NOP = plain(OPCODE.nop);
const NAME = plain(OPCODE.queryName);

it("hands out the next commands when all answers are in, and ends with what the script returns", () => {
  function* script(): DialogueScript<readonly [Replies, Uint8Array | undefined]> {
    const replies = yield { commands: [NOP, NAME], isTrial: false };
    return [replies, yield* request(NOP)];
  }
  const dialogue = new Dialogue(script());
  expect(dialogue.start()?.commands).toEqual([NOP, NAME]);
  expect(dialogue.reply({ kind: "done", data: Uint8Array.of(1) })).toBeUndefined();
  expect(dialogue.outcome).toBeUndefined();
  expect(dialogue.reply({ kind: "refused" })?.commands).toEqual([NOP]);
  expect(dialogue.reply({ kind: "done", data: Uint8Array.of(2) })).toBeUndefined();
  expect(dialogue.outcome).toEqual({ value: [[Uint8Array.of(1), undefined], Uint8Array.of(2)] });
});

it("continues a trial that failed, also after some of its answers", () => {
  function* script(): DialogueScript<string> {
    const replies = yield { commands: [NOP, NOP], isTrial: true };
    if (replies !== "failed") return "passed";
    yield { commands: [NAME], isTrial: false };
    return "failed and continued";
  }
  const dialogue = new Dialogue(script());
  dialogue.start();
  expect(dialogue.isTrial).toBe(true);
  dialogue.reply({ kind: "done", data: new Uint8Array(0) });
  expect(dialogue.fail()?.commands).toEqual([NAME]);
  expect(dialogue.isTrial).toBe(false);
  dialogue.reply({ kind: "refused" });
  expect(dialogue.outcome).toEqual({ value: "failed and continued" });
});

it("may have nothing to send", () => {
  function* script(isEmpty: boolean): DialogueScript<number> {
    if (!isEmpty) yield { commands: [NOP], isTrial: false };
    return 7;
  }
  const dialogue = new Dialogue(script(true));
  expect([dialogue.start(), dialogue.outcome]).toEqual([undefined, { value: 7 }]);
});
