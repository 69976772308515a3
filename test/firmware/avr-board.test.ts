/** The .hex of the repository in an emulated ATmega328P, from the command line to the chip. */
import { AvrBoard } from "./support/avr-board.ts";
import { boardJobs } from "./support/board-jobs.ts";

boardJobs("the ATmega328P", "ATmega328P", "AT25SF041", (chip) => new AvrBoard(chip));
