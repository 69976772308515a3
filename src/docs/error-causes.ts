/** What usually causes each error code. In Markdown; every code of the table must be here. */
import type { ErrorCode } from "../errors.ts";

export const ERROR_CAUSES: Readonly<Record<ErrorCode, readonly string[]>> = {
  SERVER_FAILED: [
    "The server of several stations is switched off, or the network to it is interrupted. The station continues with the numbers that it has.",
    "The user, the password or the database in `--server` is wrong. The message has the words of the server.",
  ],
  CHECK_FAILED: [
    "`verify` or `diff`: the chip differs from the file. `norbridge diff FILE` shows each difference.",
    "`blank-check`: some bytes are not FF. The message has the first address.",
    "`doctor`: something is wrong. The last line names the cause.",
    "`resume`, `undo`: there is no job to work on.",
  ],
  USAGE: [
    "A command, option or value is misspelled. The message suggests the nearest name.",
    "A size has no valid form. Sizes look like `4096`, `0x1000`, `64k` or `2M`.",
    "Two options exclude each other.",
  ],
  EINVAL: [
    "A program that uses the library passed an invalid value.",
    "The operation does not fit the chip: for example, a page size that it does not have.",
  ],
  ERANGE: [
    "The file is larger than the chip, or `--offset` moves its end past the end of the chip.",
    "The file has addresses of its own (HEX, UF2, ELF). Use `--base` to convert them; see [Images with addresses](getting-started.md#images-with-addresses).",
  ],
  PORT_NOT_FOUND: [
    "The bridge is not plugged in, or its cable carries power only.",
    "The port has another name now. Run `norbridge list`.",
    "A program in a container or virtual machine does not see the USB port of its host.",
    "`tcp://`: no program listens on that host and port.",
  ],
  PORT_AMBIGUOUS: [
    "Several bridges are plugged in. Choose one with `--port`.",
    "`usb:VID:PID` matches several boards. Add the serial number: `usb:VID:PID:SERIAL`.",
  ],
  PORT_DENIED: [
    "Linux: your user may not open the device. [Install](install.md#linux) shows the udev rule.",
    "You joined a group, but have not logged in again since.",
  ],
  PORT_BUSY: [
    "Another program has the port open: a serial terminal, an IDE monitor, another norbridge.",
    "Linux: ModemManager probes new serial ports for some seconds. The udev rule keeps it away.",
    "Windows reports missing rights with the same message.",
  ],
  PORT_FAILED: [
    "The bridge was unplugged, or its driver lost it. Unplug it and plug it in again.",
    "The driver does not support the baud rate. Use a lower `--baud`.",
    "Windows: an old or counterfeit USB converter, or a Bluetooth port without its device.",
  ],
  BRIDGE_SILENT: [
    "The port belongs to another device.",
    "The board runs other firmware. `norbridge firmware --board NAME` prints how to install ours.",
    "A board with a UART uses another baud rate. Try `--baud`.",
    "The board restarts when the port is opened and needs longer than norbridge waits. Run the command again.",
  ],
  BRIDGE_PROTOCOL: [
    "The port belongs to a device that speaks something else, such as a modem or a GPS receiver.",
    "The line is too noisy: long cable, missing ground, a baud rate that the board cannot keep.",
    "Another program writes to the same port.",
    "A serprog line failed the test that norbridge makes before the first write.",
  ],
  BRIDGE_VERSION: ["The firmware is newer or older than this norbridge. Update the older one."],
  BRIDGE_RESET: [
    "The supply of the board is too weak: chip, board and target together draw too much from the USB port.",
    "The cable or plug has a loose contact.",
    "norbridge reconnects up to three times. This error means that it was not enough.",
  ],
  LINK_SLIPPED: [
    "A byte was lost or duplicated on a UART during a change. serprog has no checksums, so norbridge stops.",
    "The baud rate is too fast for the board or its USB converter.",
  ],
  ESHUTDOWN: ["A program that uses the library called a chip or bridge after closing it."],
  CHIP_UNKNOWN: [
    "The chip is not in the catalogue and has no SFDP table. See [chips](chips.md#a-chip-that-norbridge-does-not-know).",
    "The device is not NOR flash: SPI NAND, FRAM or PSRAM. The message names it.",
    "The wires corrupt the ID. Run `norbridge doctor`.",
  ],
  CHIP_AMBIGUOUS: [
    "Two parts return the same ID, but differ in something that matters. The message names the difference.",
    "SFDP and the catalogue disagree on the size, and a blank chip does not show which is right. Use `--size`.",
  ],
  CHIP_MISSING: [
    "Supply, ground, chip select or the wire from the chip (SO, MISO) has no contact.",
    "The test clip sits the wrong way round. Pin 1 has a dot on the chip.",
    "HOLD# or RESET# is low, so the chip ignores commands.",
    "The processor of the target board drives the same wires. Hold it in reset.",
    "The chip needs 1.8 V or is not powered.",
  ],
  CHIP_CHANGED: [
    "Another chip is in the socket than at the start of the job.",
    "The supply failed for a moment, so the chip returned another ID.",
  ],
  ENODEV: ["The clip slipped or the supply failed during the job."],
  EROFS: [
    "Protection bits are set. `norbridge protect status` shows them.",
    "AT25DF, AT25DL and AT26DF chips are protected after each power-up. Use `--unprotect`.",
    "WP# is low, or the status register is locked. The message reports it. Then only hardware can lift the protection.",
  ],
  EIO: [
    "The supply voltage drops during erase or program. Add 100 nF beside the chip.",
    "The SPI clock is too fast for the wires.",
    "A cell needs another erase. Run the command again; it repairs only what is wrong.",
  ],
  EFAULT: ["A block of the chip is worn out. Replace the chip."],
  ENOSPC: ["A log, settings area or safe is full, and its format does not overwrite old data."],
  EBUSY: [
    "The chip reports busy for longer than its datasheet allows.",
    "Another norbridge works on the same job, chip file or simulated bridge.",
  ],
  EAGAIN: ["A program that uses the library asked for something while an erase was running."],
  FILE_INVALID: [
    "The file does not exist or cannot be read.",
    "A checksum, address or line of an image is wrong. The message has the line.",
    "A `--struct`, `--chip-file` or configuration file has an unknown or missing entry.",
  ],
  LAYOUT_MISMATCH: [
    "The log, settings area or safe starts elsewhere. Check `--range`.",
    "The chip holds another format. `norbridge log info` reports what it finds.",
  ],
  FILE_EXISTS: [
    "The disk is full, or the folder does not allow writing.",
    "Another program has the output file open.",
    "Standard output was closed or its disk is full. The job itself was completed.",
  ],
  INTERRUPTED: [
    "Ctrl-C, a lost bridge or a lost supply stopped a write or erase.",
    "`norbridge resume` completes it; so does the same command again.",
  ],
  INTERRUPTED_FINAL: [
    "A write or erase stopped between an erase and the program of bytes that the file does not contain.",
    "norbridge saved these bytes to a file. The message has the command that restores them; see [rescue files](recovery.md#rescue-files).",
  ],
  BUG: ["norbridge found something that cannot happen. Please report it; see [reporting](#reporting-a-fault)."],
  ECANCELED: ["Ctrl-C before the first change."],
};
