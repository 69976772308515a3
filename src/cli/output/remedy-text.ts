/** Names the options and commands of this program for what the engine advises. The only place that does. */
import type { Advice, Remedy, SimpleRemedy } from "../../advice.ts";

/** `option`: named at the end of the hint. `sentence`: stands for itself, commands in back quotes. */
type Words = { readonly option: string } | { readonly sentence: string };

const WORDS: Readonly<Record<SimpleRemedy, Words>> = {
  "set-port": { option: "--port" },
  "set-baud-rate": { option: "--baud" },
  "set-protocol": { option: "--protocol" },
  "set-spi-clock": { option: "--spi-clock" },
  "set-part": { option: "--chip" },
  "set-chip-size": { option: "--size" },
  "set-chip-description": { option: "--chip-file" },
  "set-region": { option: "--range" },
  "set-offset": { option: "--offset" },
  "set-base": { option: "--base" },
  "set-length": { option: "--length" },
  "set-output-format": { option: "--format" },
  "set-file-format": { option: "--format" },
  "set-family": { option: "--family" },
  "set-crop": { option: "--crop" },
  "place-files": { sentence: "FILE@ADDRESS places a raw file." },
  "set-layout": { option: "--layout" },
  "set-magic": { option: "--magic" },
  "set-alignment": { option: "--align" },
  "set-end-marker": { option: "--no-crc" },
  "set-sector-size": { option: "--sector-size" },
  "set-record-size": { option: "--record-size" },
  "set-page-size": { option: "--page-size" },
  "set-journal-folder": { option: "--journal" },
  "set-listen-address": { option: "--listen" },
  "set-idle-timeout": { sentence: "`norbridge sim --idle-timeout` sets that time." },
  "set-unit-value": { option: "--value" },
  "omit-spi-clock": { sentence: "Omit --spi-clock." },
  "omit-part": { sentence: "Omit --chip." },
  "omit-base": { sentence: "Omit --base." },
  "omit-old-bytes": { sentence: "Omit --keep-old." },
  "omit-journal": { sentence: "--no-journal works without a journal." },
  "allow-overwrite-when-full": { sentence: "Add --when-full overwrite to overwrite the oldest records." },
  "allow-lifting-protection": { sentence: "Add --unprotect to lift it for this command and restore it afterwards." },
  "restart-stream": { sentence: "Add --restart to start again." },
  "compare-neighbours": { sentence: "Add --paranoid to compare them as well." },
  "show-usage": { sentence: "Run the command with --help." },
  "list-ports": { sentence: "`norbridge list` shows the ports." },
  "simulate-chip": { sentence: "Without hardware, try --port sim:AT25SF041." },
  "show-chip": { sentence: "`norbridge info` shows the chip and its size." },
  "show-chip-page-size": { sentence: "`norbridge page-size` shows and changes the page size of an AT45." },
  "check-wiring": { sentence: "`norbridge doctor` checks the wiring and finds an SPI clock that works." },
  "print-udev-rule": { sentence: "`norbridge doctor --udev` prints a udev rule." },
  "write-image": { sentence: "`norbridge write` does that." },
  "show-differences": { sentence: "`norbridge diff` shows the bytes." },
  "show-protection": { sentence: "`norbridge protect status` shows the protection." },
  "set-protection": { sentence: "`norbridge protect on` sets the protection." },
  "remove-protection": { sentence: "`norbridge protect off` removes the protection." },
  "detect-log": { sentence: "`norbridge log info` without these options detects the layout." },
  "list-regions": { sentence: "`norbridge regions` shows what is where." },
  "list-safe-items": { sentence: "`norbridge safe list` shows its items." },
  "show-one-time-registers": { sentence: "`norbridge otp read` lists the registers." },
  "discard-job": { sentence: "`norbridge jobs --discard ID` discards the job." },
  "list-jobs": { sentence: "`norbridge jobs` lists them." },
  "resume-job": { sentence: "`norbridge resume` restores the bytes around it." },
  "replay-by-hand": { sentence: "`norbridge COMMAND --port replay:FILE` runs a command on it." },
  "approve-recipe": { sentence: "`norbridge station approve RECIPE --by NAME` approves it." },
  "check-recipe": { sentence: "`norbridge station check RECIPE` shows all errors." },
  "read-once": { sentence: "Add --fast to read once." },
};

/** The hint as this program gives it: the engine's text, sentences with commands, and at the end the options. */
export function hintText({ text, remedies }: Advice): string {
  const words = remedies.map(wordsOf);
  const sentences = words.flatMap((one) => ("sentence" in one ? [one.sentence] : []));
  const options = words.flatMap((one) => ("option" in one ? [one.option] : []));
  const use = options.length === 0 ? [] : [`Use ${listed(options)}.`];
  return [text, ...sentences, ...use].filter((part) => part !== "").join(" ");
}

function wordsOf(remedy: Remedy): Words {
  if (typeof remedy === "string") return WORDS[remedy];
  switch (remedy.kind) {
    case "subtract-base":
      return { sentence: `Add --base ${hex(remedy.base)}.` };
    case "use-spi-clock":
      return { sentence: `Add --spi-clock ${remedy.clockHz / 1e6}MHz.` };
    case "continue-job":
      return { sentence: `\`norbridge resume ${remedy.job}\` resumes the job.` };
    case "undo-job":
      return { sentence: `\`norbridge undo ${remedy.job}\` restores the old content.` };
    case "overwrite":
      return { sentence: `Add --overwrite ${hex(remedy.address)},${remedy.lengthBytes} to allow it.` };
    case "save-and-erase": {
      const { address, lengthBytes } = remedy;
      const save = `\`norbridge read FILE --offset ${hex(address)} --length ${lengthBytes}\` saves them`;
      return { sentence: `${save}; \`norbridge erase --range ${hex(address)},${lengthBytes}\` erases them.` };
    }
  }
}

/** "a", "a and b", "a, b and c". */
function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
