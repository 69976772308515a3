/** Whether a job keeps a journal, and where. */
export interface JournalRequest {
  /** Undefined: the user's state directory, for a chip that is really there. */
  readonly folder: string | undefined;
  readonly isOff: boolean;
  /** Keep what is replaced as well, so that the job can be undone. */
  readonly keepsOld: boolean;
}
