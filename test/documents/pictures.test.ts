/** The pictures of a terminal in the documents are what the program prints on one today. `npm run docs` draws them again. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { terminalPicture } from "../../src/docs/picture.ts";
import { Screen } from "../../src/docs/screen.ts";
import { runHere } from "../support/cli.ts";
import { plainWords, STILL_CLOCK } from "./support/page-shell.ts";
import { isWriting, ROOT } from "./support/pages.ts";

const COLUMNS = 114;

interface Picture {
  readonly file: string;
  readonly title: string;
  /** The port, which the reader has put into NORBRIDGE_PORT. */
  readonly port: string;
  readonly commands: readonly string[];
}

const PICTURES: readonly Picture[] = [
  {
    file: "docs/images/write.svg",
    title: "norbridge write: only what differs, then verified",
    port: "sim:AT25SF041?file=chip.bin",
    commands: ["norbridge write firmware.bin", "norbridge write update.bin"],
  },
  {
    file: "docs/images/doctor.svg",
    title: "norbridge doctor: the wires are too long",
    port: "sim:AT25SF041?soundClock=6MHz",
    commands: ["norbridge doctor"],
  },
];

it.each(PICTURES)(
  "$file shows what the program prints",
  { timeout: 180_000 },
  async ({ file, title, port, commands }) => {
    const folder = mkdtempSync(join(tmpdir(), "norbridge-picture-"));
    const before = process.cwd();
    process.chdir(folder);
    try {
      const numbers = Array.from({ length: 60_000 }, (_, index) => `${index}\n`).join("");
      writeFileSync("firmware.bin", numbers);
      writeFileSync("update.bin", numbers.replace("1234\n", "4321\n").replace("43210\n", "01234\n"));
      const screen = new Screen(COLUMNS);
      for (const command of commands) {
        screen.write(`$ ${command}\n`);
        await runHere(
          plainWords(command)?.slice(1) ?? [],
          { NORBRIDGE_PORT: port },
          {
            cwd: folder,
            clock: STILL_CLOCK,
            terminalColumns: COLUMNS,
            onText: (text) => {
              screen.write(text);
            },
          },
        );
      }
      const drawn = terminalPicture(screen.lines, { title, columns: COLUMNS });
      const path = join(ROOT, file);
      if (isWriting) writeFileSync(path, drawn);
      else expect(drawn).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

it("a screen keeps what was drawn last, in its colours", () => {
  const screen = new Screen(10);
  screen.write("one\ntwo\u001b[1A\r\u001b[J\u001b[31mred\u001b[39m ok\n0123456789ab\r\u001b[2mX\u001b[22m");
  const plain = { colour: "", isBold: false, isDim: false };
  expect(screen.lines).toEqual([
    [
      { text: "red", style: { ...plain, colour: "red" } },
      { text: " ok", style: plain },
    ],
    [{ text: "0123456789", style: plain }],
    [
      { text: "X", style: { ...plain, isDim: true } },
      { text: "b", style: plain },
    ],
  ]);
  expect(() => {
    screen.write("\u001b[5n");
  }).toThrow("a terminal sequence that pictures do not know");
});

it("a picture escapes what it shows", () => {
  const screen = new Screen(20);
  screen.write("$ a <b> & c");
  expect(terminalPicture(screen.lines, { title: "<t>", columns: 20 })).toContain(">a &lt;b&gt; &amp; c</tspan>");
});
