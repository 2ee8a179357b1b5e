/** So many fingerprints a cluster is known by when it returns. */
const KEPT = 100

/**
 * What a cluster is known by: its most frequent fingerprints now, then those it had before. A cluster that fades away is
 * remembered as it was, not by the last failures that it had.
 */
export const rememberedFingerprints = (
  before: readonly string[],
  now: readonly string[],
): readonly string[] => [...new Set([...now, ...before])].slice(0, KEPT)
