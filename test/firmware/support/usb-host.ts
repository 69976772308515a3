/**
 * A USB host for the emulated RP2040: enumerates as a real one does (all descriptors, strings, line coding, DTR), then moves
 * bulk packets. Strict: a packet too long, a full packet with no end after it, an answer that is not what was asked for
 * are complaints.
 */
import type { RPUSBController } from "rp2040js";

const EP0 = 0;
const PACKET_BYTES = 64;
/** About what full speed carries each way: 19 packets a millisecond. */
const PACKET_US = 52;
const NOTHING = new Uint8Array(0);

interface Request {
  readonly name: string;
  readonly setup: readonly number[];
  readonly dataOut?: Uint8Array;
  /** What comes back; bytes so far are handed over when it is whole. */
  readonly done?: (answer: Uint8Array) => void;
}

/** bmRequestType, bRequest, wValue, wIndex, wLength. */
function setup(type: number, request: number, value: number, index: number, length: number): number[] {
  return [type, request, value & 255, value >> 8, index & 255, index >> 8, length & 255, length >> 8];
}

export class UsbHost {
  readonly complaints: string[] = [];
  readonly descriptors = new Map<string, Uint8Array>();
  isConfigured = false;
  /** Empty packets that came after full ones. */
  emptyPackets = 0;
  readonly #usb: RPUSBController;
  readonly #receive: (bytes: Uint8Array) => void;
  #requests: Request[] = [];
  #answer: number[] = [];
  #stage: "idle" | "data-in" | "data-out" | "status-in" | "status-out" = "idle";
  #outArmed = 0;
  #isControlArmed = false;
  #toSend: Uint8Array[] = [];
  #lastInBytes = 0;

  constructor(usb: RPUSBController, receive: (bytes: Uint8Array) => void) {
    this.#usb = usb;
    this.#receive = receive;
    usb.readDelayMicroseconds = PACKET_US;
    usb.writeDelayMicroseconds = PACKET_US;
    usb.onUSBEnabled = () => usb.resetDevice();
    usb.onResetReceived = () => this.#enumerate();
    usb.onEndpointWrite = (endpoint, bytes) => this.#takeIn(endpoint, bytes);
    usb.onEndpointRead = (endpoint, bytes) => this.#armed(endpoint, bytes);
  }

  /** Whether a packet is on its way or waits for the device. */
  get isBusy(): boolean {
    return this.#toSend.length > 0 || this.#stage !== "idle";
  }

  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PACKET_BYTES) this.#toSend.push(bytes.slice(at, at + PACKET_BYTES));
    this.#sendOut();
  }

  /** The port is opened or closed. */
  setDtr(isOpen: boolean): void {
    this.#request({ name: "line state", setup: setup(0x21, 0x22, isOpen ? 1 : 0, 0, 0) });
  }

  /** The port is set to this rate. */
  setBaud(baud: number): void {
    const dataOut = Uint8Array.of(...[0, 8, 16, 24].map((shift) => (baud >>> shift) & 255), 0, 0, 8);
    this.#request({ name: "line coding", setup: setup(0x21, 0x20, 0, 0, 7), dataOut });
  }

  #enumerate(): void {
    this.#requests = [];
    this.#stage = "idle";
    this.isConfigured = false;
    const descriptor = (name: string, value: number, length: number, index = 0): void => {
      const done = (answer: Uint8Array): void => void this.descriptors.set(name, answer);
      this.#request({ name, setup: setup(0x80, 6, value, index, length), done });
    };
    descriptor("first look", 0x0100, 64);
    this.#request({ name: "address", setup: setup(0, 5, 7, 0, 0) });
    descriptor("device", 0x0100, 18);
    descriptor("configuration head", 0x0200, 9);
    descriptor("configuration", 0x0200, 255);
    descriptor("languages", 0x0300, 255);
    for (const [index, name] of ["manufacturer", "product", "serial"].entries()) {
      descriptor(name, 0x0301 + index, 255, 0x0409);
    }
    this.#request({ name: "configure", setup: setup(0, 9, 1, 0, 0), done: () => (this.isConfigured = true) });
    const coding = Uint8Array.of(0x00, 0xc2, 0x01, 0, 0, 0, 8);
    this.#request({ name: "line coding", setup: setup(0x21, 0x20, 0, 0, 7), dataOut: coding });
    this.#request({
      name: "line coding back",
      setup: setup(0xa1, 0x21, 0, 0, 7),
      done: (answer) => {
        if (Buffer.compare(answer, coding) !== 0) this.complaints.push(`line coding came back as ${String(answer)}`);
      },
    });
    this.setDtr(true);
  }

  #request(request: Request): void {
    this.#requests.push(request);
    if (this.#stage === "idle") this.#begin();
  }

  #begin(): void {
    const [request] = this.#requests;
    if (request === undefined) return;
    this.#answer = [];
    this.#isControlArmed = false;
    const isIn = (request.setup[0]! & 0x80) !== 0;
    this.#stage = isIn ? "data-in" : request.dataOut !== undefined ? "data-out" : "status-in";
    this.#usb.sendSetupPacket(Uint8Array.from(request.setup));
  }

  #end(): void {
    const request = this.#requests.shift();
    this.#stage = "idle";
    request?.done?.(Uint8Array.from(this.#answer));
    this.#begin();
  }

  #takeIn(endpoint: number, bytes: Uint8Array): void {
    if (bytes.length > PACKET_BYTES) this.complaints.push(`a packet of ${bytes.length} bytes`);
    if (endpoint !== EP0) {
      this.#takeData(bytes);
      return;
    }
    const [request] = this.#requests;
    if (this.#stage === "status-in") {
      if (bytes.length !== 0) this.complaints.push(`${request?.name ?? "?"}: data where an empty packet belongs`);
      this.#end();
    } else if (this.#stage === "data-in") {
      this.#answer.push(...bytes);
      const asked = request!.setup[6]! | (request!.setup[7]! << 8);
      if (this.#answer.length > asked) this.complaints.push(`${request!.name}: more than was asked for`);
      if (bytes.length < PACKET_BYTES || this.#answer.length === asked) this.#stage = "status-out";
      this.#sendControl();
    } else {
      this.complaints.push(`an unsolicited control packet: ${bytes.length} bytes`);
    }
  }

  #takeData(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      this.emptyPackets++;
      if (this.#lastInBytes !== PACKET_BYTES) this.complaints.push("an empty packet for nothing");
    }
    this.#lastInBytes = bytes.length;
    if (bytes.length > 0) this.#receive(bytes);
  }

  /** The last data packet was full, and nothing came after it: a reader would still wait. */
  get owesShortPacket(): boolean {
    return this.#lastInBytes === PACKET_BYTES;
  }

  #armed(endpoint: number, bytes: number): void {
    if (endpoint !== EP0) {
      this.#outArmed = bytes;
      this.#sendOut();
      return;
    }
    this.#isControlArmed = true;
    this.#sendControl();
  }

  /** The device may be ready for the end of an answer before the answer is here. */
  #sendControl(): void {
    if (!this.#isControlArmed) return;
    if (this.#stage === "data-out") {
      this.#isControlArmed = false;
      this.#stage = "status-in";
      this.#usb.endpointReadDone(EP0, this.#requests[0]!.dataOut!);
    } else if (this.#stage === "status-out") {
      this.#isControlArmed = false;
      this.#usb.endpointReadDone(EP0, NOTHING);
      this.#end();
    }
  }

  #sendOut(): void {
    const [packet] = this.#toSend;
    if (packet === undefined || this.#outArmed === 0 || !this.isConfigured) return;
    this.#outArmed = 0;
    this.#toSend.shift();
    this.#usb.endpointReadDone(2, packet);
  }
}
