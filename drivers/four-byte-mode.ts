/**
 * The mode in which the commands of three address bytes take four: for parts above 16 MiB without commands of their own.
 *
 * B7h enters and E9h leaves. Micron, XMC and the W25Q256FV require 06h before; it does no harm to the others, and 04h
 * after it clears what it set. Sources: flashrom and flashprog (06h + B7h of W25Q256FV, N25Q, XM25), Linux
 * (`spi_nor_set_4byte_addr_mode_wren_en4b_ex4b` for Micron and Winbond).
 */
import type { FourByteMode } from "./chip-descriptor.ts";

const WRITE_ENABLE = 0x06;
const WRITE_DISABLE = 0x04;
const ENTER = 0xb7;
const LEAVE = 0xe9;
const WRITE_EXTENDED_ADDRESS = 0xc5;
const WINBOND = 0xef;

const MODE: FourByteMode = {
  enter: [[WRITE_ENABLE], [ENTER], [WRITE_DISABLE]],
  leave: [[WRITE_ENABLE], [LEAVE], [WRITE_DISABLE]],
};

/**
 * Winbond's parts keep the fourth byte in their extended address register when they leave the mode, and then read the
 * upper 16 MiB (Linux, `winbond_nor_set_4byte_addr_mode`): it is cleared.
 */
const WINBOND_MODE: FourByteMode = {
  enter: MODE.enter,
  leave: [[WRITE_ENABLE], [LEAVE], [WRITE_ENABLE], [WRITE_EXTENDED_ADDRESS, 0x00], [WRITE_DISABLE]],
};

/** The transfers that enter and leave the mode of a chip with this ID. */
export function fourByteModeOf(jedecId: readonly number[]): FourByteMode {
  return jedecId[0] === WINBOND ? WINBOND_MODE : MODE;
}
