/** A failed run as far as choosing needs it. */
export interface SampleCandidate {
  readonly traceId: string
  readonly sessionId: string | null
  /** What kind of failure it is; runs of one fingerprint have the same features. */
  readonly fingerprint: string
  readonly features: readonly string[]
  readonly atMs: number
}

interface Kind {
  readonly fingerprint: string
  readonly features: ReadonlySet<string>
  /** The newest first. */
  readonly runs: readonly SampleCandidate[]
}

/**
 * At most `size` runs that show what a cluster holds: first its exemplars, the heaviest before the lighter ones, then
 * by farthest-first traversal (Gonzalez 1985) over the Jaccard distance of the features, then further runs of the heaviest
 * kinds. Never two of one session: one user's trouble is one observation. The same runs in any order give the same sample.
 */
export const diverseSample = <Run extends SampleCandidate>(
  runs: readonly Run[],
  size: number,
  exemplars: ReadonlySet<string> = new Set(),
): readonly Run[] => {
  const kinds = kindsOf(runs)
  const firsts = kinds.filter(({ fingerprint }) => exemplars.has(fingerprint))
  const order = farthestFirst(kinds, firsts.length > 0 ? firsts : kinds.slice(0, 1), size)
  const chosen: SampleCandidate[] = []
  const sessions = new Set<string>()
  const rounds = Math.max(0, ...order.map((kind) => kind.runs.length))
  for (let round = 0; round < rounds && chosen.length < size; round++)
    for (const kind of order) {
      const run = kind.runs.find(
        ({ traceId, sessionId }) =>
          !chosen.some((one) => one.traceId === traceId) &&
          !(sessionId !== null && sessions.has(sessionId)),
      )
      if (run === undefined || chosen.length >= size) continue
      chosen.push(run)
      if (run.sessionId !== null) sessions.add(run.sessionId)
    }
  return chosen as readonly SampleCandidate[] as readonly Run[]
}

/** The heaviest first, equal ones by name. */
const kindsOf = (runs: readonly SampleCandidate[]): readonly Kind[] =>
  [...Map.groupBy(runs, ({ fingerprint }) => fingerprint)]
    .map(([fingerprint, members]) => ({
      fingerprint,
      features: new Set(members[0]?.features),
      runs: members.toSorted((a, b) => b.atMs - a.atMs || (a.traceId < b.traceId ? -1 : 1)),
    }))
    .sort((a, b) => b.runs.length - a.runs.length || (a.fingerprint < b.fingerprint ? -1 : 1))

/** As many kinds as may be shown: `firsts`, then always the one farthest from those taken; then the others by weight. */
const farthestFirst = (
  kinds: readonly Kind[],
  firsts: readonly Kind[],
  size: number,
): readonly Kind[] => {
  const taken = firsts.slice(0, size)
  const distances = new Map(
    kinds.filter((kind) => !taken.includes(kind)).map((kind) => [kind, nearest(kind, taken)]),
  )
  while (distances.size > 0 && taken.length < size) {
    const farthest = Math.max(...distances.values())
    const next = [...distances].find(([, distance]) => distance === farthest)?.[0]
    if (next === undefined) break
    distances.delete(next)
    taken.push(next)
    for (const [kind, distance] of distances)
      distances.set(kind, Math.min(distance, jaccardDistance(kind.features, next.features)))
  }
  return [...taken, ...distances.keys()]
}

const nearest = (kind: Kind, taken: readonly Kind[]): number =>
  Math.min(...taken.map(({ features }) => jaccardDistance(kind.features, features)))

/** 1 − |A ∩ B| / |A ∪ B|; two empty sets are equal. */
export const jaccardDistance = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  let shared = 0
  for (const feature of a) if (b.has(feature)) shared++
  const all = a.size + b.size - shared
  return all === 0 ? 0 : 1 - shared / all
}
