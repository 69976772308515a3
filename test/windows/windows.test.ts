/**
 * The real Windows program under Wine: node.exe, the Windows binding of serialport, and this checkout. What this proves
 * and what it cannot is in docs/windows.md. All in one file, since all of it uses one drive C:.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { comPortTests } from "./com-port.ts";
import { programTests } from "./program.ts";
import { suiteTests } from "./suite.ts";
import { windowsMissing } from "./support/wine.ts";
import { makeWindowsMachine, type WindowsMachine } from "./support/windows-machine.ts";

describe.skipIf(windowsMissing !== undefined)(
  `Windows${windowsMissing === undefined ? "" : ` (skipped: ${windowsMissing})`}`,
  { timeout: 600_000 },
  () => {
    let made: WindowsMachine | undefined;
    const machine = (): WindowsMachine => {
      if (made === undefined) throw new Error("there is no Windows machine");
      return made;
    };
    beforeAll(async () => {
      made = await makeWindowsMachine();
    }, 600_000);
    afterAll(() => made?.stop(), 60_000);

    describe("the program", () => {
      programTests(machine);
    });
    describe("a COM port", () => {
      comPortTests(machine);
    });
    describe("the test suite", () => {
      suiteTests(machine);
    });
  },
);
