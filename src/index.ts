/** Public face of the engine, "norbridge". Loads no native module until a serial port is opened or listed. */
export type { Advice, Remedy, SimpleRemedy } from "./advice.ts";
export { Chip } from "./library/chip.ts";
export { ChipBase } from "./library/chip-base.ts";
export type {
  CallOptions,
  ChipCompareOptions,
  ChipEraseReport,
  ChipWriteOptions,
  ChipWriteReport,
  ReadOptions,
  ReadToOptions,
} from "./library/chip-options.ts";
export type { ImageInput, ImageOptions } from "./library/image-input.ts";
export type { ChipNote, HostOptions } from "./library/program-host.ts";
export { discardJob, listJobs } from "./library/left-jobs.ts";
export type { LeftJobChip, LeftJobDetails, LeftJobInfo } from "./library/left-job-info.ts";
export type {
  JobFolderOptions,
  ResumeOptions,
  ResumeReport,
  UndoOptions,
  UndoReport,
} from "./library/resume-on-chip.ts";
export type { LeftJobState } from "./runner/left-job.ts";
export type { Finding } from "./doctor/finding.ts";
export { type DoctorOptions, type DoctorReport, runDoctor } from "./library/run-doctor.ts";
export type { ChainAdvice } from "./runner/examine-bridge.ts";
export { writeImageFile, type WriteImageFileOptions } from "./library/write-image-file.ts";
export { type JournalOptions, openChip, type OpenChipOptions } from "./library/open-chip.ts";
export type { Bridge, BridgeInfo, LinkStatistics } from "./bridge/bridge.ts";
export type { StepRunner } from "./flash/guarded-bridge.ts";
export { type OpenBridgeOptions, openBridge, type ProtocolChoice } from "./bridge/open-bridge.ts";
export { type Clock, machineRandom, realClock } from "./clock.ts";
export {
  ERROR_TABLE,
  type ErrorCategory,
  type ErrorCode,
  type ErrorKind,
  NorbridgeError,
  type NorbridgeErrorOptions,
} from "./errors.ts";
export { checkFits } from "./files/check-fits.ts";
export { type ImageFormat, type ImageSegment, type ImageSource, memoryImage } from "./files/image-source.ts";
export { decodeImage, type DecodeImageOptions } from "./files/decode-image.ts";
export { openImage, type OpenImageOptions } from "./files/open-image.ts";
export type {
  FlashDevice,
  FlashIdentity,
  FlashOp,
  FlashProtection,
  FlashResult,
  LinkTraits,
} from "./flash/flash-device.ts";
export type { ChipFailure } from "./flash/chip-failure.ts";
export type { AroundErase, ChipBytes, EraseFinding } from "./flash/erase-finding.ts";
export type { PageFinding } from "./flash/page-proof.ts";
export type { Claim, Claims } from "./flash/claims.ts";
export type { FlashRegion, OffsetRange, RegionOp, RegionResult } from "./flash/flash-region.ts";
export type {
  BackgroundService,
  ChipServices,
  OneTimeService,
  PageSizeService,
} from "./flash/chip-services.ts";
export type { ProtectionService } from "./flash/protection-service.ts";
export { type ArraySizeOptions, probeArraySize } from "./flash/mtd/array-size.ts";
export { MtdDevice, type MtdOptions } from "./flash/mtd/mtd-device.ts";
export { FlashSocket, parseSocketOptions, type SocketOptions, type SocketPage } from "./flash/mtd/socket.ts";
export { openImageFlash } from "./flash/image-flash.ts";
export type { ClockDoubt } from "./flash/spi-clock.ts";
export type { ChipState, ChipStateKind } from "./flash/leave-states.ts";
export type { ShownState } from "../drivers/state/state-family.ts";
export { type OpenedFlash, openFlash, type OpenFlashOptions } from "./flash/open-flash.ts";
export { regionOf } from "./flash/open-region.ts";
export { createRamFlash } from "./flash/ram-flash.ts";
export { blankCheck, type BlankReport } from "./jobs/blank-check.ts";
export { type Difference, diffImage } from "./jobs/diff-image.ts";
export { eraseRange, type EraseReport, type EraseRequest } from "./jobs/erase-range.ts";
export { type LiftOptions, withProtectionLifted } from "./jobs/lift-protection.ts";
export type { JobContext, JobEvent, JobPhase, SectorState } from "./jobs/job-event.ts";
export { readFlash, type ReadReport, type ReadRequest, type ReadSink } from "./jobs/read-flash.ts";
export type { JobSafe, HeldUnit } from "./jobs/job-safe.ts";
export type { JobPast, KeptPiece, UnrestoredHandler } from "./jobs/run-job.ts";
export type { PlaceRequest } from "./jobs/target.ts";
export { verifyImage, type VerifyReport } from "./jobs/verify-image.ts";
export type { WritePlan } from "./jobs/write/plan.ts";
export { planImage, writeImage, type WriteReport, type WriteRequest } from "./jobs/write/write-image.ts";
export type { WritePhaseBytes } from "./jobs/write/write-counts.ts";
export { type RegionJob, runOnRegion, runOnRegions } from "./jobs/run-on-region.ts";
export { streamImage, type StreamReport, type StreamRequest, type StreamSource } from "./jobs/stream-image.ts";
export {
  CircularBuffer,
  EntryWriter,
  type CircularBufferOptions,
  type CircularBufferState,
} from "./storage/circular-buffer/circular-buffer.ts";
export type { AssumedOption } from "./storage/circular-buffer/format.ts";
export { type FisDirectory, type FisEntry, findFis, fisEntry } from "./storage/fis/directory.ts";
export type { Granularity } from "./storage/flashdb/status.ts";
export { findKvdbs, type KvdbContents, type KvdbItem, type KvdbShape, readKvdb } from "./storage/flashdb/kvdb.ts";
export {
  FlashSafe,
  type FlashSafeInfo,
  type FlashSafeOptions,
  SafeTransaction,
} from "./storage/flash-safe/flash-safe.ts";
export { recogniseSafe } from "./storage/flash-safe/recognise-safe.ts";
export { updateSafe } from "./storage/flash-safe/update-safe.ts";
export type {
  FcbFinding,
  FcbHints,
  FindingCommon,
  LogFinding,
  LogFsFinding,
  LogFsHints,
  LogHints,
  Sureness,
} from "./storage/log-finding.ts";
export type { LogFsFormat } from "./storage/log-fs/format.ts";
export {
  LogFs,
  LogFsCursor,
  type LogFsOptions,
  type LogFsRead,
  type LogFsReadOptions,
  type LogFsRecord,
  type LogFsState,
} from "./storage/log-fs/log-fs.ts";
export type {
  KeyValueDamage,
  KeyValueItem,
  KeyValueReader,
  KeyValueState,
  KeyValueStore,
} from "./storage/key-value-store.ts";
export type { NvsOptions } from "./storage/nvs/format.ts";
export { NvsStore } from "./storage/nvs/nvs-store.ts";
export {
  findKeyValues,
  type KeyValueFinding,
  type KeyValueHints,
  type KeyValueLayout,
  type KeyValueSearch,
  openKeyValues,
  settingsOn,
} from "./storage/open-key-values.ts";
export { recogniseLog } from "./storage/recognise-log.ts";
export type {
  Certainty,
  FlashShape,
  ReadableRegion,
  RegionFinding,
  RegionLayout,
} from "./storage/recognise/region-finding.ts";
export type {
  LogDamage,
  LogPlace,
  LogRecord,
  LogSector,
  LogSectorState,
  ReadRecordsOptions,
  RecordLog,
} from "./storage/record-log.ts";
export type { NamedSettings } from "./storage/settings/named-settings.ts";
export { type SettingsOptions, SettingsStore } from "./storage/settings/settings-store.ts";
export type { ImageIdentity, ProgressStore, SavedProgress } from "./storage/stream-flash/progress-store.ts";
export { settingsProgressStore } from "./storage/stream-flash/settings-progress-store.ts";
export { StreamFlash, type StreamFlashOptions } from "./storage/stream-flash/stream-flash.ts";
export { type DecodedField, decodeRecord, type AvailableFields, decodeAvailable } from "./storage/decode-record.ts";
export {
  parseStruct,
  type RecordStruct,
  type FieldKind,
  type NumberKind,
  type FieldLength,
  type NumberType,
  type StructField,
} from "./storage/struct-record.ts";
export type { CborValue } from "./storage/cbor.ts";
export type { RunOptions, Stream } from "./stream.ts";
export type { ByteDuplex } from "./transport/byte-duplex.ts";
export type { SerialPortDescription } from "./transport/serial-list.ts";
export { listPorts, type PortDescription } from "./transport/list-ports.ts";
export { openPort, type OpenPortOptions } from "./transport/open-port.ts";
export { parsePortSpec, type PortSpec } from "./transport/port-spec.ts";
export { openMockSerial, type SerialOptions } from "./transport/serial.ts";
