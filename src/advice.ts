/**
 * What a person can do about an error. The text is for every caller, so it names no option and no command of the
 * command line. A remedy says the same in a form that a program can use: the command line names its own option or
 * command for it, a graphical program can highlight the field.
 */

/** A remedy without details. */
export type SimpleRemedy =
  // Settings of the caller that are to be changed.
  | "set-port"
  | "set-baud-rate"
  | "set-protocol"
  | "set-spi-clock"
  | "set-part"
  | "set-chip-size"
  | "set-chip-description"
  | "set-region"
  | "set-offset"
  | "set-base"
  | "set-length"
  | "set-output-format"
  | "set-file-format"
  | "set-family"
  | "set-crop"
  | "place-files"
  | "set-layout"
  | "set-magic"
  | "set-alignment"
  | "set-end-marker"
  | "set-sector-size"
  | "set-record-size"
  | "set-page-size"
  | "set-journal-folder"
  | "set-listen-address"
  | "set-idle-timeout"
  | "set-unit-value"
  // Settings that are to be left at their default.
  | "omit-spi-clock"
  | "omit-part"
  | "omit-base"
  | "omit-old-bytes"
  | "omit-journal"
  // Settings that allow what was refused.
  | "allow-overwrite-when-full"
  | "allow-lifting-protection"
  | "restart-stream"
  | "compare-neighbours"
  // Other operations that help.
  | "show-usage"
  | "list-ports"
  | "simulate-chip"
  | "show-chip"
  | "show-chip-page-size"
  | "check-wiring"
  | "print-udev-rule"
  | "write-image"
  | "show-differences"
  | "show-protection"
  | "set-protection"
  | "remove-protection"
  | "detect-log"
  | "list-regions"
  | "list-safe-items"
  | "show-one-time-registers"
  | "discard-job"
  | "list-jobs"
  | "resume-job"
  | "replay-by-hand"
  | "read-once"
  | "approve-recipe"
  | "check-recipe";

/** What would help. */
export type Remedy =
  | SimpleRemedy
  | {
      /** The file's addresses start at `base`, where a processor maps its flash: subtract it from them. */
      readonly kind: "subtract-base";
      /** Address at which the flash is mapped, bytes. */
      readonly base: number;
    }
  | {
      /** The wiring works at this SPI clock. */
      readonly kind: "use-spi-clock";
      /** SPI clock, Hz. */
      readonly clockHz: number;
    }
  | {
      /** The interrupted job can be resumed. */
      readonly kind: "continue-job";
      /** ID of the job. */
      readonly job: string;
    }
  | {
      /** The content that the job replaced can be restored. */
      readonly kind: "undo-job";
      /** ID of the job. */
      readonly job: string;
    }
  | {
      /** Name these bytes of the chip as a range that may be overwritten. */
      readonly kind: "overwrite";
      /** First byte, bytes from the start of the chip. */
      readonly address: number;
      /** Length, bytes. */
      readonly lengthBytes: number;
    }
  | {
      /** Save these bytes of the chip. They may be erased then. */
      readonly kind: "save-and-erase";
      /** First byte, bytes from the start of the chip. */
      readonly address: number;
      /** Length, bytes. */
      readonly lengthBytes: number;
    };

/** A sentence or two, and the remedies that go with it, the most helpful first. */
export interface Advice {
  /** One or two sentences for a person. They name no option and no command of the command line. */
  readonly text: string;
  /** The same in a form that a program can use; empty if there is nothing to offer. */
  readonly remedies: readonly Remedy[];
}

/** Text with the remedies it speaks of. */
export function advice(text: string, ...remedies: readonly Remedy[]): Advice {
  return { text, remedies };
}
