/** What a program asks jobs for, looked at before anything is sent. Throws EINVAL or ERANGE that names the field. */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import {
  checkByteRange,
  checkBytes,
  checkCallback,
  checkFlag,
  checkList,
  checkMethods,
  checkObject,
  checkSignal,
  checkText,
  checkWhole,
  ifGiven,
  notValid,
} from "../checks.ts";

/** More tries of a sector than this do not help. */
const MAX_RETRIES = 100;
const MAX_WRITE_BLOCK_BYTES = 65_536;

/** What every job is given: a device and what is around it. */
export function checkJob(device: unknown, context: unknown, operation: string): void {
  checkDevice(device, operation);
  checkContext(context, operation);
}

function checkDevice(device: unknown, operation: string): void {
  checkMethods(device, "device", operation, ["run", "read", "checkIdentity", "protectedRanges"]);
  const { geometry } = checkObject(device, "device", operation);
  checkWhole(
    checkObject(geometry, "device.geometry", operation)["capacityBytes"],
    "device.geometry.capacityBytes",
    operation,
    1,
  );
}

function checkContext(context: unknown, operation: string): void {
  const { clock, onEvent, signal } = checkObject(context, "context", operation);
  ifGiven(clock, (value) => checkMethods(value, "context.clock", operation, ["nowUs", "wait"]));
  checkCallback(onEvent, "context.onEvent", operation);
  checkSignal(signal, "context.signal", operation);
}

/** An image of the caller: its segments are in order, apart, and not empty. */
export function checkImage(image: unknown, operation: string): void {
  checkMethods(image, "image", operation, ["read"]);
  const { name, segments, totalBytes } = checkObject(image, "image", operation);
  checkText(name, "image.name", operation);
  if (!Array.isArray(segments)) throw notValid(operation, "image.segments", "a list", segments);
  let end = -1;
  let sum = 0;
  // There may be a million: each gets a name only if something is wrong with it.
  for (let index = 0; index < segments.length; index++) {
    const one: unknown = segments[index];
    const segment = isSegmentAfter(one, end) ? one : badSegment(one, `image.segments[${index}]`, operation, end);
    end = rangeEnd(segment);
    sum += segment.lengthBytes;
  }
  if (totalBytes !== sum) throw notValid(operation, "image.totalBytes", `the sum of all segments, ${sum}`, totalBytes);
}

/** Whether this is a range that is not empty, and neither overlaps nor touches what ends at `end`. */
function isSegmentAfter(one: unknown, end: number): one is ByteRange {
  if (typeof one !== "object" || one === null || !("address" in one && "lengthBytes" in one)) return false;
  const { address, lengthBytes } = one;
  if (!Number.isSafeInteger(address) || !Number.isSafeInteger(lengthBytes)) return false;
  return (
    Number(lengthBytes) > 0 && Number(address) > end && Number.isSafeInteger(Number(address) + Number(lengthBytes))
  );
}

/** Throws what is wrong with a segment. */
function badSegment(one: unknown, where: string, operation: string, end: number): ByteRange {
  const segment = checkByteRange(one, where, operation);
  checkWhole(segment.lengthBytes, `${where}.lengthBytes`, operation, 1);
  // Two that touch are one.
  checkWhole(segment.address, `${where}.address`, operation, end + 1);
  return segment;
}

/** Where an image goes. It may be moved down as well; that it lies within the chip is checked when it is placed. */
export function checkOffset(request: unknown, operation: string): void {
  const { offset } = checkObject(request, "request", operation);
  ifGiven(offset, (value) => checkWhole(value, "request.offset", operation, Number.MIN_SAFE_INTEGER));
}

export function checkWriteRequest(request: unknown, operation: string): void {
  checkOffset(request, operation);
  const { verify, assumeBlank, retries, checkUntouched } = checkObject(request, "request", operation);
  ifGiven(verify, (value) => checkFlag(value, "request.verify", operation));
  ifGiven(assumeBlank, (value) => checkFlag(value, "request.assumeBlank", operation));
  ifGiven(retries, (value) => checkWhole(value, "request.retries", operation, 0, MAX_RETRIES));
  ifGiven(checkUntouched, (value) => checkFlag(value, "request.checkUntouched", operation));
  checkHandlers(request, operation);
}

export function checkEraseRequest(request: unknown, operation: string): void {
  const { keepOutside } = checkObject(request, "request", operation);
  if (keepOutside !== undefined && keepOutside !== true)
    throw notValid(operation, "request.keepOutside", "true", keepOutside);
  checkHandlers(request, operation);
}

function checkHandlers(request: unknown, operation: string): void {
  const { onUnrestored, safe, distrusted, precious } = checkObject(request, "request", operation);
  checkCallback(onUnrestored, "request.onUnrestored", operation);
  ifGiven(safe, (value) => checkMethods(value, "request.safe", operation, ["hold", "release"]));
  ifGiven(distrusted, (value) =>
    checkList(value, "request.distrusted", operation, (one, where) => checkByteRange(one, where, operation)),
  );
  ifGiven(precious, (value) =>
    checkList(value, "request.precious", operation, (one, where) => checkByteRange(one, where, operation)),
  );
}

export function checkReadRequest(request: unknown, operation: string): void {
  const { fast, onUnsure } = checkObject(request, "request", operation);
  ifGiven(fast, (value) => checkFlag(value, "request.fast", operation));
  checkCallback(onUnsure, "request.onUnsure", operation);
}

export function checkSink(sink: unknown, operation: string): void {
  if (typeof sink !== "function") throw notValid(operation, "sink", "a function", sink);
}

export function checkRegionJob(device: unknown, ranges: unknown, job: unknown, body: unknown): void {
  const fallback = "run on region";
  const { operation, signal, howFar, resumeHint, endsByItself } = checkObject(job, "job", fallback);
  const name = checkText(operation, "job.operation", fallback, 1);
  checkDevice(device, name);
  checkList(ranges, "ranges", name, (one, where) => checkByteRange(one, where, name));
  checkSignal(signal, "job.signal", name);
  checkCallback(howFar, "job.howFar", name);
  ifGiven(resumeHint, (value) => checkText(value, "job.resumeHint", name));
  ifGiven(endsByItself, (value) => checkFlag(value, "job.endsByItself", name));
  if (typeof body !== "function") throw notValid(name, "body", "a function", body);
}

export function checkFollow(reopen: unknown, options: unknown): void {
  const operation = "follow log";
  if (typeof reopen !== "function") throw notValid(operation, "reopen", "a function", reopen);
  const { clock, signal, intervalUs, after } = checkObject(options, "options", operation);
  checkMethods(clock, "options.clock", operation, ["nowUs", "wait"]);
  if (!(signal instanceof AbortSignal)) throw notValid(operation, "options.signal", "an AbortSignal", signal);
  checkWhole(intervalUs, "options.intervalUs", operation);
  if (after === undefined) return;
  const { sector, offset, data } = checkObject(after, "options.after", operation);
  checkWhole(sector, "options.after.sector", operation);
  checkWhole(offset, "options.after.offset", operation);
  checkBytes(data, "options.after.data", operation);
}

const OF_STREAM = "stream";

export function checkStreamRequest(source: unknown, request: unknown, context: unknown, onProgress: unknown): void {
  checkContext(context, OF_STREAM);
  checkMethods(source, "source", OF_STREAM, ["read"]);
  const { lengthBytes, identity } = checkObject(source, "source", OF_STREAM);
  const length = checkWhole(lengthBytes, "source.lengthBytes", OF_STREAM);
  const named = checkObject(identity, "source.identity", OF_STREAM);
  checkWhole(named["lengthBytes"], "source.identity.lengthBytes", OF_STREAM, length, length);
  checkSha256(named["sha256"]);
  const { bufferBytes, writeBlockBytes, erasePage, progress, isRestart, isOwnProgress, overwrite, isBegun } =
    checkObject(request, "request", OF_STREAM);
  checkWhole(bufferBytes, "request.bufferBytes", OF_STREAM, 1);
  checkWhole(writeBlockBytes, "request.writeBlockBytes", OF_STREAM, 1, MAX_WRITE_BLOCK_BYTES);
  ifGiven(erasePage, (value) => checkWhole(value, "request.erasePage", OF_STREAM));
  ifGiven(progress, (value) => checkMethods(value, "request.progress", OF_STREAM, ["load", "save", "clear"]));
  ifGiven(isRestart, (value) => checkFlag(value, "request.isRestart", OF_STREAM));
  ifGiven(isOwnProgress, (value) => checkFlag(value, "request.isOwnProgress", OF_STREAM));
  ifGiven(isBegun, (value) => checkFlag(value, "request.isBegun", OF_STREAM));
  ifGiven(overwrite, (value) =>
    checkList(value, "request.overwrite", OF_STREAM, (one, where) => {
      const { offset, lengthBytes } = checkObject(one, where, OF_STREAM);
      checkWhole(offset, `${where}.offset`, OF_STREAM, Number.MIN_SAFE_INTEGER);
      checkWhole(lengthBytes, `${where}.lengthBytes`, OF_STREAM);
    }),
  );
  checkCallback(onProgress, "onProgress", OF_STREAM);
}

function checkSha256(value: unknown): void {
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return;
  throw notValid(OF_STREAM, "source.identity.sha256", "64 lower-case hex digits", value);
}

/** Options of `withProtectionLifted`. */
export function checkLiftOptions(options: unknown): void {
  const fallback = "lift protection";
  const { operation, note, warn } = checkObject(options, "options", fallback);
  const name = checkText(operation, "options.operation", fallback, 1);
  if (typeof note !== "function") throw notValid(name, "options.note", "a function", note);
  checkCallback(warn, "options.warn", name);
}
