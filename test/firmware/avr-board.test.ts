/** The .hex of the repository in an emulated ATmega328P, from the command line to the chip. */
import { AvrBoard } from "./support/avr-board.ts";
import { boardJobs } from "./support/board-jobs.ts";

boardJobs("the ATmega328P", "ATmega328P", { quickChip: "AT25SF041", realtime: true }, (chip) => new AvrBoard(chip));
