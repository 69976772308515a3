/** `norbridge otp ...`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { usageError } from "../arguments/option.ts";
import { flagOption, sizeOption, textOption } from "../options/options.ts";
import { parseValueText, VALUE_FORMS } from "../values/value-text.ts";

const registerOption = textOption(
  "register",
  "Name of the register, as listed by `otp read`",
  "the name of a register",
);
const dataOption = textOption("data", `Bytes to program: ${VALUE_FORMS}`, VALUE_FORMS, { placeholder: "VALUE" });
const atOption = sizeOption(
  "at",
  "First byte within the register",
  { placeholder: "OFFSET", byDefault: "0" },
  "an offset",
);
const rawFlag = flagOption("raw", "Write the raw bytes to stdout; requires --register");
const permanentFlag = flagOption("permanent", "Confirm: this can never be undone");

export const otpCommands: readonly Command[] = [
  {
    name: "otp read",
    summary: "Read the one-time programmable registers and the factory's unique ID",
    positionals: [],
    examples: ["norbridge otp read", "norbridge otp read --register user --raw > user.bin"],
    options: [registerOption, rawFlag],
    connects: true,
    prepare(args) {
      const register = args.value(registerOption);
      const isRaw = args.flag(rawFlag);
      if (isRaw && register === undefined) throw usageError("--raw needs --register", "One register at a time.");
      const request = { connection: readConnection(args), register, isRaw };
      return async (session) => (await import("../actions/otp.ts")).otpRead(request, session);
    },
  },
  {
    name: "otp program",
    summary: "Program bytes of a register. They can never be erased; most chips allow it only once",
    positionals: [],
    examples: ["norbridge otp program --register user --data @serial.bin --permanent"],
    options: [registerOption, dataOption, atOption, permanentFlag],
    connects: true,
    prepare(args) {
      const request = {
        connection: readConnection(args),
        register: args.required(registerOption),
        data: parseValueText(args.required(dataOption), "--data"),
        offset: args.value(atOption) ?? 0,
      };
      if (!args.flag(permanentFlag)) {
        throw usageError(
          "otp program changes the chip permanently",
          "Nothing was sent. Check with `norbridge otp read` first, then add --permanent.",
        );
      }
      return async (session) => (await import("../actions/otp.ts")).otpProgram(request, session);
    },
  },
];
