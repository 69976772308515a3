/**
 * The tables that the facts of `parts/` come from. Only facts were taken (IDs, sizes, opcodes, bits), by script on
 * 2026-11-30; no code and no wording. In a line of `parts/` one letter stands for each of them.
 *
 * Linux: what its table has for a chip without an SFDP area; 6.1 still had names and sizes that later versions dropped.
 * OpenOCD: one erase command for each part, and a page that is a unit of programming.
 *
 * Left out: DataFlash parts as entries of Linux' and U-Boot's tables of NOR parts, with commands that they do not have
 * (20h, D8h); 1.7 to 2.0 V for AT25SF128A; 16 MiB for S25FL256S, of which only half can be reached there.
 */

/** A table of parts of another project. */
export interface PartSource {
  /** Its name and files, without a comma. */
  readonly name: string;
  /** Version or commit that was read. */
  readonly version: string;
  /** Tables with one origin agree without proving each other. */
  readonly group: "flashrom" | "linux" | "openocd" | "norbridge";
  /** Whether its erase list of a part is complete: then an opcode that is absent is one that the part does not have. */
  readonly listsAllErases: boolean;
}

/** The letter of the hand-made rows of this catalogue. It is in no line of `parts/`. */
export const ROW_SOURCE = "n";

/** By letter. */
export const PART_SOURCES: Readonly<Record<string, PartSource>> = {
  f: {
    name: "flashrom flashchips/*.c",
    version: "v1.8.0-rc1, b946ca13a21a7004dca00fb6dbc8db710185d782",
    group: "flashrom",
    listsAllErases: true,
  },
  p: {
    name: "flashprog flashchips.c",
    version: "2026-07-22, 79d5c664cf8d53c630cfe6ebf5cae6080f4029a8",
    group: "flashrom",
    listsAllErases: true,
  },
  l: {
    name: "Linux drivers/mtd/spi-nor/*.c",
    version: "7.3.4",
    group: "linux",
    listsAllErases: false,
  },
  m: {
    name: "Linux 6.1 drivers/mtd/spi-nor/*.c",
    version: "6.1.192",
    group: "linux",
    listsAllErases: false,
  },
  k: {
    name: "spi-nor tables of board makers' kernels",
    version:
      "boya.c 7e5191e2, puya.c 136d6212, xtx.c 274b8c0f, fmsh.c 00cd81ba, normem.c bda58d29, dosilicon.c 50920dc7",
    group: "linux",
    listsAllErases: false,
  },
  u: {
    name: "U-Boot drivers/mtd/spi/spi-nor-ids.c",
    version: "2026-08-20, 6073c36b2c8d39afe3ecc789b281667a3ddebc70",
    group: "linux",
    listsAllErases: false,
  },
  o: {
    name: "OpenOCD src/flash/nor/spi.c",
    version: "0.12.0",
    group: "openocd",
    listsAllErases: false,
  },
  d: {
    name: "Linux drivers/mtd/devices/mtd_dataflash.c",
    version: "7.3.4",
    group: "linux",
    listsAllErases: false,
  },
  e: {
    name: "U-Boot drivers/mtd/spi/sf_dataflash.c",
    version: "6073c36b2c8d39afe3ecc789b281667a3ddebc70",
    group: "linux",
    listsAllErases: false,
  },
  [ROW_SOURCE]: {
    name: "the hand-made rows of this catalogue",
    version: "this one",
    group: "norbridge",
    listsAllErases: false,
  },
};
