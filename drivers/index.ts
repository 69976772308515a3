/**
 * `norbridge/drivers`: chip descriptors, identification, and drivers that compile operations to SPI steps.
 *
 * Everything here is pure: no port, no clock, no state. A driver returns the steps to run and a function that decodes
 * their results; a bridge of `norbridge` runs them.
 */
export { createAt25Driver } from "./at25/at25-driver.ts";
export { chipAddress, chipPageAddress } from "./at45/at45-address.ts";
export { createAt45Driver } from "./at45/at45-driver.ts";
export { parseChipFile } from "./chip-file.ts";
export { chipNames, descriptorByName, type NamedPartOptions } from "./catalog/catalog.ts";
export { CATALOG } from "./catalog/whole-catalog.ts";
export type {
  At25Descriptor,
  At25EraseCommand,
  At25Protection,
  At45Descriptor,
  At45Sectors,
  BlockLocks,
  BpMap,
  BpRule,
  ChipDescriptor,
  ChipDescriptorBase,
  FourByteMode,
  UnprovedReads,
  MoreRegister,
  OneTimeArea,
  ProtectionSectors,
  RegisterBit,
  StatusName,
  UniqueIdPlace,
} from "./chip-descriptor.ts";
export type {
  AddressModeControl,
  BackgroundErase,
  BridgeLimits,
  ChipAnswer,
  ChipDriver,
  ChipOutcome,
  ExpectedRegister,
  OneTimeControl,
  OneTimeRegister,
  PageSizeControl,
  ProtectableRanges,
  ProtectionAttempt,
  ProtectionChange,
  ProtectionControl,
  ProtectionState,
  ProtectionTerm,
  StepProgram,
  SuspendControl,
} from "./chip-driver.ts";
export { createDriver } from "./create-driver.ts";
export {
  type ByteRange,
  type EraseBlock,
  type EraseRegion,
  type EraseUnit,
  eraseBlockAt,
  eraseBlocksTouching,
  type FlashGeometry,
  pagesOf,
  rangeContains,
  rangeEnd,
  rangeIntersection,
  smallestEraseUnit,
} from "./geometry.ts";
export { type NextQuestion, readAt45Status, readSfdp, wakeAndReadId, wantedQuestions } from "./id-questions.ts";
export type { UnknownCause } from "./other-devices.ts";
export type { ChipProbe, FoundPart, Identification, IdentifyOptions } from "./identification.ts";
export { identify } from "./identify.ts";
export { type BasicTable, parseBasicTable, type SfdpEraseType } from "./sfdp/basic-table.ts";
export {
  findBasicTable,
  hasSfdpSignature,
  type Parsed,
  parseSfdpTables,
  type SfdpTable,
  tableDwords,
} from "./sfdp/sfdp-area.ts";
export { descriptorFromSfdp, type SfdpOptions, type SfdpPartIdentity } from "./sfdp/sfdp-descriptor.ts";
