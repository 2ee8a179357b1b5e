import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clusterFingerprints } from '../../../consumers/clustering/cluster-fingerprints.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { plantedWindow } from '../../support/planted-kinds.ts'

/** A kind has eight fingerprints; a split parts them into the first five and the last three. */
const VARIANTS = 8
const LARGER = 5
const fingerprint = (kind: number, variant: number): string => `${kind}/${variant}`
const kindOf = (text: string): number => Number(text.split('/')[0])
const variantOf = (text: string): number => Number(text.split('/')[1])

/** What the clusterer would say: one label per group of kinds, or per part of a kind. */
const labeller = (groups: readonly ((text: string) => boolean)[]) => (text: string) => {
  const label = groups.findIndex((isIn) => isIn(text))
  return label < 0 ? null : label
}
const ofKind = (kind: number) => (text: string) => kindOf(text) === kind

/** The second of two kinds falls under the label of the first. */
const merged = (all: readonly ((text: string) => boolean)[], into: number, from: number) =>
  all.map((isIn, kind) => {
    if (kind === from) return () => false
    return kind === into ? (text: string) => isIn(text) || kindOf(text) === from : isIn
  })

interface World {
  readonly kinds: number
  readonly perKind: number
  readonly seed: number
}
const worlds: fc.Arbitrary<World> = fc.record({
  kinds: fc.integer({ min: 3, max: 8 }),
  perKind: fc.integer({ min: 16, max: 40 }),
  seed: fc.integer(),
})

/** A full window that slides by a quarter with each call; kinds in equal shares and random order, variants in turn. */
const open = ({ kinds, perKind, seed }: World) => {
  let now = 1000
  const random = seededRandom(seed)
  const window = plantedWindow(() => now++)
  let turn = 0
  const arrivals = (share: number, of: readonly number[] = [...Array(kinds).keys()]): void => {
    const each = Math.ceil(perKind * share)
    for (let n = 0; n < each; n++, turn++)
      for (const kind of of.toSorted(() => random() - 0.5))
        window.arrive(fingerprint(kind, turn % VARIANTS))
  }
  arrivals(1)
  const all = Array.from({ length: kinds }, (_, kind) => ofKind(kind))
  window.recluster(labeller(all), all.length)
  const slide = (of?: readonly number[]): void => {
    const before = window.failures.length
    arrivals(0.25, of)
    window.leave(window.failures.length - before)
  }
  const idOf = (kind: number): string => window.idsOf(ofKind(kind))[0] ?? ''
  return { window, slide, idOf, all }
}

describe('identity over sliding windows with planted changes', () => {
  test('stays: no switch and no spurious id while kinds stay', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { window, slide, idOf, all } = open(world)
        const ids = all.map((_, kind) => idOf(kind))
        for (let step = 0; step < 12; step++) {
          slide()
          const { events } = window.recluster(labeller(all), all.length)
          expect(events).toEqual([])
          expect(all.map((_, kind) => idOf(kind))).toEqual(ids)
        }
        expect(window.clusters.size).toBe(world.kinds)
      }),
      { numRuns: 40 },
    )
  })

  test('of a kind that splits stays with the larger part, and the smaller names its parent', () => {
    fc.assert(
      fc.property(worlds, fc.nat(7), (world, chosen) => {
        const { window, slide, idOf, all } = open(world)
        const split = chosen % world.kinds
        const ids = all.map((_, kind) => idOf(kind))
        slide()
        const small = (text: string): boolean => kindOf(text) === split && variantOf(text) >= LARGER
        const groups = [small, ...all]
        const { events } = window.recluster(labeller(groups), groups.length)
        expect(all.map((_, kind) => idOf(kind))).toEqual(ids)
        const [childId = ''] = window.idsOf(small)
        expect(ids).not.toContain(childId)
        expect(events).toContainEqual(
          expect.objectContaining({ clusterId: childId, kind: 'split', relatedIds: [ids[split]] }),
        )
        expect(events.filter(({ kind }) => kind !== 'survived')).toHaveLength(1)
        // And so it stays.
        slide()
        expect(window.recluster(labeller(groups), groups.length).events).toEqual([])
        expect(window.idsOf(small)).toEqual([childId])
      }),
      { numRuns: 40 },
    )
  })

  test('of kinds that merge is that of the heavier one, and the other says into what', () => {
    fc.assert(
      fc.property(worlds, fc.nat(7), (world, chosen) => {
        const { window, slide, idOf, all } = open(world)
        const [a, b] = [chosen % world.kinds, (chosen + 1) % world.kinds]
        const ids = all.map((_, kind) => idOf(kind))
        // The first of both has grown heavier meanwhile.
        slide([a])
        const groups = merged(all, a, b)
        const { events } = window.recluster(labeller(groups), groups.length)
        expect(window.idsOf(ofKind(b))).toEqual([ids[a]])
        expect(events).toContainEqual(
          expect.objectContaining({ clusterId: ids[b], kind: 'merged', relatedIds: [ids[a]] }),
        )
        expect(window.clusters.get(ids[b] ?? '')?.closed).toBe(true)
        expect(all.map((_, kind) => (kind === b ? ids[a] : ids[kind]))).toEqual(
          all.map((_, kind) => idOf(kind)),
        )
      }),
      { numRuns: 40 },
    )
  })

  test('of a kind that vanishes is never given to another, and is its own again when it returns', () => {
    fc.assert(
      fc.property(worlds, fc.nat(7), (world, chosen) => {
        const { window, slide, idOf, all } = open(world)
        const gone = chosen % world.kinds
        const ids = all.map((_, kind) => idOf(kind))
        const others = all.map((_, kind) => kind).filter((kind) => kind !== gone)
        const kinds: string[] = []
        for (let step = 0; step < 8; step++) {
          slide([...others, world.kinds + 5])
          const groups = [...all, ofKind(world.kinds + 5)]
          const { events } = window.recluster(labeller(groups), groups.length)
          kinds.push(...events.map((event) => event.kind))
        }
        expect(kinds.sort()).toEqual(['emerged', 'vanished'])
        expect(ids).not.toContain(idOf(world.kinds + 5))
        slide()
        slide()
        const { events } = window.recluster(labeller(all), all.length)
        expect(events).toContainEqual(
          expect.objectContaining({ clusterId: ids[gone], kind: 'reopened' }),
        )
        expect(idOf(gone)).toBe(ids[gone])
      }),
      { numRuns: 40 },
    )
  })

  test('of a cluster under repair waits: nobody joins or leaves it, and what is due happens afterwards', () => {
    fc.assert(
      fc.property(worlds, fc.nat(7), (world, chosen) => {
        const { window, slide, idOf, all } = open(world)
        const [frozen, merging] = [chosen % world.kinds, (chosen + 1) % world.kinds]
        const ids = all.map((_, kind) => idOf(kind))
        const id = ids[frozen] ?? ''
        const held = () => window.failures.filter((one) => one.clusterId === id)
        window.freeze([id])
        const before = held().length
        // It would split, and another would merge into its larger part.
        const small = (text: string): boolean =>
          kindOf(text) === frozen && variantOf(text) >= LARGER
        const groups = [small, ...merged(all, frozen, merging)]
        for (const text of [0, 1, 6].map((variant) => fingerprint(frozen, variant)))
          window.arrive(text)
        const { events } = window.recluster(labeller(groups), groups.length)
        expect(events).toEqual([])
        expect(held()).toHaveLength(before)
        expect(idOf(merging)).toBe(ids[merging])
        expect(window.failures.filter((one) => one.clusterId === `~${id}`)).toHaveLength(3)
        window.freeze([])
        window.recluster(labeller(groups), groups.length)
        expect(window.failures.some((one) => one.clusterId.startsWith('~'))).toBe(false)
        expect(window.idsOf(ofKind(merging))).toEqual(
          window.idsOf((text) => kindOf(text) === frozen && variantOf(text) < LARGER),
        )
        slide()
      }),
      { numRuns: 40 },
    )
  })

  test('is the same when the same windows are seen again', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const run = (): readonly string[] => {
          const { window, slide, all } = open(world)
          for (let step = 0; step < 4; step++) {
            slide()
            window.recluster(labeller(all), all.length)
          }
          return window.failures.map(({ clusterId }) => clusterId)
        }
        expect(run()).toEqual(run())
      }),
      { numRuns: 10 },
    )
  })
})

const DIMENSIONS = 32
const KINDS = 12
const STEPS = 17
const PER_STEP = 200

/** Failures of kinds of unit vectors, whose centres may drift, and a quarter of noise. */
const vectorWorld = (driftPerStep: number) => {
  const random = seededRandom(41)
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const vector = (): number[] => Array.from({ length: DIMENSIONS }, normal)
  const near = (centre: readonly number[], spread: number): number[] => {
    const moved = centre.map((value) => value + normal() * spread)
    const length = Math.hypot(...moved)
    return moved.map((value) => value / length)
  }
  let centres = Array.from({ length: KINDS }, () => near(vector(), 0))
  const points = new Map<string, number[]>()
  return {
    points,
    /** The name of one more failure. */
    next: (step: number, place: number): string => {
      const kind = random() < 0.25 ? 1000 + step * PER_STEP + place : Math.floor(random() * KINDS)
      const name = `${kind}/${step}-${place}`
      points.set(name, near(centres[kind] ?? vector(), 0.05))
      return name
    },
    drift: (): void => {
      centres = centres.map((centre) => near(centre, driftPerStep))
    },
  }
}

/** Windows of 800 sliding by 200 over kinds of unit vectors with a quarter of noise, through the real clustering. */
const slideThroughClusterings = (driftPerStep: number) => {
  const world = vectorWorld(driftPerStep)
  let now = 0
  const window = plantedWindow(() => now++)
  const switches: string[] = []
  const idOfKind = new Map<number, string>()
  for (let step = 0; step < STEPS + 3; step++) {
    for (let n = 0; n < PER_STEP; n++) window.arrive(world.next(step, n))
    world.drift()
    window.leave(Math.max(0, window.failures.length - 4 * PER_STEP))
    const { labelOf, count } = clustered(window.failures, world.points)
    window.recluster(labelOf, count)
    for (let kind = 0; kind < KINDS; kind++) {
      const [id = ''] = window.idsOf((name) => kindOf(name) === kind)
      const before = idOfKind.get(kind) ?? id
      if (before !== id) switches.push(`${step}: ${kind} ${before} ${id}`)
      idOfKind.set(kind, id)
    }
  }
  return { switches, ids: window.clusters.size }
}

const clustered = (
  failures: readonly { readonly fingerprint: string }[],
  points: ReadonlyMap<string, readonly number[]>,
) => {
  const names = [...new Set(failures.map((one) => one.fingerprint))].sort()
  const { labels, count } = clusterFingerprints({
    points: Float32Array.from(names.flatMap((name) => points.get(name) ?? [])),
    dimensions: DIMENSIONS,
    weights: names.map(() => 1),
    minClusterSize: 5,
  })
  const label = new Map(names.map((name, row) => [name, labels[row] ?? -1]))
  const labelOf = (name: string): number | null => {
    const found = label.get(name) ?? -1
    return found < 0 ? null : found
  }
  return { labelOf, count }
}

describe('identity through real clusterings', () => {
  test('has no switch and no spurious id over seventeen windows of twelve kinds and a quarter of noise', () => {
    expect(slideThroughClusterings(0)).toEqual({ switches: [], ids: KINDS })
  }, 120_000)

  test('follows kinds that drift: their ids stay as they are', () => {
    const { switches, ids } = slideThroughClusterings(0.03)
    expect(switches).toEqual([])
    expect(ids).toBe(KINDS)
  }, 120_000)
})
