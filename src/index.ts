/** Public face of the engine, "norbridge". Loads no native module until a serial port is opened or listed. */
export type { Advice, Remedy, SimpleRemedy } from "./advice.ts";
export { Chip } from "./library/chip.ts";
export type {
  CallOptions,
  ChipCompareOptions,
  ChipEraseReport,
  ChipWriteOptions,
  ChipWriteReport,
  ReadToOptions,
} from "./library/chip-options.ts";
export type { ImageInput, ImageOptions } from "./library/image-input.ts";
export type { ChipNote, HostOptions } from "./library/library-host.ts";
export { type JournalOptions, openChip, type OpenChipOptions } from "./library/open-chip.ts";
export type { Bridge, BridgeInfo, LinkStatistics } from "./bridge/bridge.ts";
export { type OpenBridgeOptions, openBridge, type ProtocolChoice } from "./bridge/open-bridge.ts";
export { type Clock, machineRandom, realClock } from "./clock.ts";
export { ERROR_TABLE, type ErrorCode, NorbridgeError } from "./errors.ts";
export { checkFits } from "./files/check-fits.ts";
export { type ImageSource, memoryImage } from "./files/image-source.ts";
export { openImage } from "./files/open-image.ts";
export type {
  FlashDevice,
  FlashIdentity,
  FlashOp,
  FlashProtection,
  FlashResult,
  LinkTraits,
} from "./flash/flash-device.ts";
export type { FlashRegion, OffsetRange, RegionOp, RegionResult } from "./flash/flash-region.ts";
export type {
  BackgroundService,
  ChipServices,
  OneTimeService,
  PageSizeService,
  ProtectionService,
} from "./flash/chip-services.ts";
export { type ArraySizeOptions, probeArraySize } from "./flash/mtd/array-size.ts";
export { MtdDevice, type MtdOptions } from "./flash/mtd/mtd-device.ts";
export { FlashSocket, parseSocketOptions, type SocketOptions } from "./flash/mtd/socket.ts";
export { openImageFlash } from "./flash/image-flash.ts";
export { openFlash } from "./flash/open-flash.ts";
export { regionOf } from "./flash/open-region.ts";
export { createRamFlash } from "./flash/ram-flash.ts";
export { blankCheck } from "./jobs/blank-check.ts";
export { diffImage } from "./jobs/diff-image.ts";
export { eraseRange } from "./jobs/erase-range.ts";
export { withProtectionLifted } from "./jobs/lift-protection.ts";
export type { JobContext, JobEvent, JobPhase, SectorState } from "./jobs/job-event.ts";
export { readFlash, type ReadReport } from "./jobs/read-flash.ts";
export { verifyImage } from "./jobs/verify-image.ts";
export type { WritePlan } from "./jobs/write/plan.ts";
export { planImage, writeImage, type WriteReport, type WriteRequest } from "./jobs/write/write-image.ts";
export { runOnRegion, runOnRegions } from "./jobs/run-on-region.ts";
export { streamImage, type StreamReport, type StreamRequest, type StreamSource } from "./jobs/stream-image.ts";
export { CircularBuffer, type CircularBufferOptions } from "./storage/circular-buffer/circular-buffer.ts";
export {
  FlashSafe,
  type FlashSafeInfo,
  type FlashSafeOptions,
  SafeTransaction,
} from "./storage/flash-safe/flash-safe.ts";
export { recogniseSafe } from "./storage/flash-safe/recognise-safe.ts";
export { updateSafe } from "./storage/flash-safe/update-safe.ts";
export type { LogFinding, LogHints } from "./storage/log-finding.ts";
export { LogFs, type LogFsOptions, type LogFsRecord } from "./storage/log-fs/log-fs.ts";
export { recogniseLog } from "./storage/recognise-log.ts";
export type { LogDamage, LogPlace, LogRecord, LogSector, RecordLog } from "./storage/record-log.ts";
export { type SettingsOptions, SettingsStore } from "./storage/settings/settings-store.ts";
export type { ImageIdentity, ProgressStore, SavedProgress } from "./storage/stream-flash/progress-store.ts";
export { settingsProgressStore } from "./storage/stream-flash/settings-progress-store.ts";
export { StreamFlash, type StreamFlashOptions } from "./storage/stream-flash/stream-flash.ts";
export { type DecodedField, decodeRecord, parseStruct, type RecordStruct } from "./storage/struct-record.ts";
export type { RunOptions, Stream } from "./stream.ts";
export type { ByteDuplex } from "./transport/byte-duplex.ts";
export { listPorts } from "./transport/list-ports.ts";
export { openPort } from "./transport/open-port.ts";
export { parsePortSpec, type PortSpec } from "./transport/port-spec.ts";
export { openMockSerial } from "./transport/serial.ts";
