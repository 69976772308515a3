/**
 * Reading of a serial port on Windows. Some drivers end a read without any byte (serialport/node-serialport, issue
 * 1836). The stream of serialport takes that for the end and never reads again: the port would be deaf without any
 * error.
 */

/** What is used of an open port of the native binding. */
export interface WindowsPort {
  readonly isOpen: boolean;
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/**
 * This many empty reads in a row are repeated at once; after that each waits, so that such a driver does not take all
 * the time.
 */
const QUICK_READS = 10;
const PAUSE_US = 10_000;

/**
 * Replaces the port's `read` by one that returns at least one byte. It rejects with `canceled` once the port was closed
 * here: the word by which serialport knows that nothing was unplugged.
 */
export function readPastEmpty(port: WindowsPort, wait: (durationUs: number) => Promise<void>): void {
  const read = port.read.bind(port);
  port.read = async (buffer, offset, length) => {
    for (let emptyReads = 0; ; emptyReads++) {
      if (!port.isOpen) throw Object.assign(new Error("the port is not open"), { canceled: true });
      const result = await read(buffer, offset, length);
      if (result.bytesRead > 0) return result;
      if (emptyReads >= QUICK_READS) await wait(PAUSE_US);
    }
  };
}
