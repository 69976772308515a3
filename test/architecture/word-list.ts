/**
 * Words and phrases that are not used where a person reads, and what is used instead. A pattern is narrow enough to leave
 * the right use of a word alone; letters of either case count.
 */
export interface Unwanted {
  readonly pattern: RegExp;
  readonly instead: string;
}

function unwanted(instead: string, ...patterns: readonly string[]): Unwanted[] {
  return patterns.map((pattern) => ({ pattern: new RegExp(`\\b(?:${pattern})\\b`, "gi"), instead }));
}

export const WORD_LIST: readonly Unwanted[] = [
  ...unwanted("reads its ID, responds with its ID", "(?:says|say|answers by|told) (?:its|his|the) (?:own )?name"),
  ...unwanted("an unchecked link", "nobody (?:checks|has checked)", "that nobody checks"),
  ...unwanted("name who: the host, the caller; or say that it is unknown", "nobody (?:knows|can tell|answers|listens)"),
  ...unwanted("the caller, the user", "whoever (?:asks|wants|calls|hosts)", "somebody else"),
  ...unwanted(
    "resumed, continues",
    "gone? on with",
    "goes on with",
    "going on with",
    "goes on by itself",
    "go on by itself",
  ),
  ...unwanted("in progress", "(?:steps?|jobs?|units?|sectors?|pages?|what (?:is|was)) in hand", "was in hand"),
  ...unwanted("custom", "of (?:the user's|your|one's) own"),
  ...unwanted("requires, must", "wants (?:to be|a|an|the|unlike|both|--)", "want unlike"),
  ...unwanted(
    "after",
    "behind (?:it|its (?:ID|pages|programs)|address \\w+|an? (?:opcode|erase|program|command|header))",
    "behind the (?:programs?|opcode|ID|commands?|parameters?|data|marker|first|last|end|bytes?|length|header|image|range)",
  ),
  ...unwanted("mistake for, treat as", "tak(?:e|es|en) for", "take the chip for"),
  ...unwanted("starts, start", "to begin with", "(?:the|a) begin(?! )", "begins? anew", "beginning anew"),
  ...unwanted("again", "anew"),
  ...unwanted("valid, undamaged", "sound (?:header|flash|record|records|chip|entry|entries|block)"),
  ...unwanted("permanently", "for good", "for ever"),
  ...unwanted("restored, restores", "puts? back what"),
  ...unwanted("is not a", "is no (?:multiple|number|JSON|text|record|journal|recording|hex|list|whole|base64|SHA)"),
  ...unwanted("specify", "was not told", "as it was told", "that was told", "than was told", "were told"),
  ...unwanted(
    "specify (an option, a file)",
    "say it (?:with|yourself)",
    "say (?:so|which|what it is)",
    "name (?:one|it|the \\w+) with",
  ),
  ...unwanted("boundary", "(?:page|unit|sector|block) borders?"),
  ...unwanted("responds, returns", "(?:chip|bridge|board|firmware|server) (?:does not |no longer )?answers?"),
  ...unwanted("baud rate", "line rate"),
  ...unwanted("datasheet", "data sheets?"),
  ...unwanted("loses synchronization", "(?:the line|link) slips?", "line slipped"),
  ...unwanted("slow, costly", "turns dear", "dear(?:est|er)? (?:erases?|work)"),
  ...unwanted("partially written", "half done"),
  ...unwanted("truncated", "cut short"),
  ...unwanted("verified", "nobody has proved"),
  ...unwanted("create", "cannot be made", "is made where"),
  ...unwanted("is outside", "lies? outside of"),
  ...unwanted("does not fit, does not match", "does not go (?:together )?with", "do not go with"),
  ...unwanted(
    "cannot be used together",
    "(?:do|does) not go together",
    "goes? (?:together )?with neither",
    "go together",
  ),
  ...unwanted("restore", "puts? (?:it|them) back", "putting (?:it|them) back", "is put back", "are put back"),
  ...unwanted("use, lock", "(?:program|process) holds (?:the|this|it)"),
  ...unwanted("at, connected to", "behind (?:this|that|the) port"),
  ...unwanted("match", "could be meant"),
  ...unwanted("correct", "mend(?:s|ed)? (?:the|it)"),
  ...unwanted("valid", "(?:is|are) in force"),
  ...unwanted("specified by, does not report", "says so", "says nothing of"),
  ...unwanted("name a person or program", "somebody", "nobody", "anybody", "whoever"),
  ...unwanted("exist, available", "(?:names|keys) there are", "there are:"),
  ...unwanted("unexpected error", "did not expect"),
  ...unwanted("failed", "checks? says? no"),
  ...unwanted("duplicated", "lost or doubled"),
  ...unwanted("no article", "a AT\\w+"),
  ...unwanted(
    "checksum (CRC-32) in texts for users",
    "digests? (?:of|was|were|is|are|that|behind|before|differs?)",
    "by digests?",
  ),
];

/** Words that no comment has: it names the actor (the host, the caller, the user, another process) or uses the passive. */
export const UNWANTED_IN_COMMENTS = /\b(?:somebody|nobody|anybody|whoever|so-manieth)\b/gi;

/** Every unwanted phrase of a text, as "phrase: use ...". */
export function unwantedIn(text: string): string[] {
  return WORD_LIST.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map(([phrase]) => `"${phrase}": use ${instead}`),
  );
}
