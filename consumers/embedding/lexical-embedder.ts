import { setImmediate } from 'node:timers/promises'
import { sha256 } from '../../schemas/canonical-json.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import { templateTree } from '../fingerprint/template-tree.ts'
import type { Embedder, EmbeddingSpace, WeightedFingerprint } from './embedder.ts'

type Block = 'action' | 'error' | 'answer' | 'task'

/**
 * Families that are scaled together, and how much each counts against the others. Runs that differ in one block alone
 * and there in everything must lie farther apart than what counts as the same: √(2 − 2/(1 + .5²)) = .63.
 */
const BLOCKS: Readonly<Record<Block, number>> = { action: 1, error: 0.7, answer: 0.5, task: 0.5 }
/**
 * Where a run ended in a failing step, that says what went wrong, and the way there little: the same failure after another
 * first tool is the same failure.
 */
const BLOCKS_OF_FAILING_STEP: Readonly<Record<Block, number>> = {
  action: 0.3,
  error: 1,
  answer: 0.5,
  task: 0.5,
}
const BLOCK_OF_FAMILY: Readonly<Record<string, Block>> = {
  tool: 'action',
  pair: 'action',
  error: 'error',
  answer: 'answer',
  task: 'task',
}
/** A feature of fewer failures joins nothing to anything. */
const FEWEST_FAILURES = 2
const MOST_DIMENSIONS = 512

/** Rows and features that are looked at before others get their turn. */
const ROWS_AT_ONCE = 200
const FEATURES_AT_ONCE = 2000

/**
 * Offline points: TF-IDF of the fingerprint's features, present or not, with idf = ln((1 + N)/(1 + n)) + 1 over the
 * distinct fingerprints of the population. Each block of features is scaled to one length, so that a long answer does
 * not outweigh a short error. Up to 512 features have a dimension each; more are hashed with a sign into as many.
 * A large population takes most of a second: what else is to be done is done in between.
 */
export const lexicalEmbedder: Embedder = {
  fit: (population) => taken(fitting(population)),
}

export const fitLexicalSpace = (population: readonly WeightedFingerprint[]): EmbeddingSpace => {
  const steps = fitting(population)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

type Steps<Result> = Generator<undefined, Result>

/** Takes all steps, with a pause after each. */
const taken = async <Result>(steps: Steps<Result>): Promise<Result> => {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await setImmediate()
  }
}

const fitting = function* (population: readonly WeightedFingerprint[]): Steps<EmbeddingSpace> {
  const templates = templateTree(
    population.flatMap(({ fingerprint }) => fingerprint.features.filter(isWholeError)),
  )
  yield
  const featuresOf = ({ features }: Fingerprint): readonly string[] => [
    ...new Set(
      features.map((feature) =>
        isWholeError(feature) ? (templates.templateOf(feature) ?? feature) : feature,
      ),
    ),
  ]
  const vocabulary = yield* vocabularyOf(population, featuresOf)
  const dimensions = Math.max(1, Math.min(vocabulary.size, MOST_DIMENSIONS))
  const embedding = function* (fingerprints: readonly Fingerprint[]): Steps<Float32Array> {
    const points = new Float32Array(fingerprints.length * dimensions)
    for (const [row, fingerprint] of fingerprints.entries()) {
      if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
      writePoint(
        points.subarray(row * dimensions, (row + 1) * dimensions),
        featuresOf(fingerprint),
        { vocabulary, blocks: blocksOf(fingerprint) },
      )
    }
    return points
  }
  return {
    dimensions,
    points: yield* embedding(population.map(({ fingerprint }) => fingerprint)),
    embed: (fingerprints) => taken(embedding(fingerprints)),
  }
}

interface Term {
  readonly idf: number
  readonly dimension: number
  readonly sign: 1 | -1
}

/** The error as a whole, as against its words. */
const isWholeError = (feature: string): boolean => feature.startsWith('error:=')

const blocksOf = ({ failingStep }: Fingerprint): Readonly<Record<Block, number>> =>
  failingStep?.position === 'last' ? BLOCKS_OF_FAILING_STEP : BLOCKS

const vocabularyOf = function* (
  population: readonly WeightedFingerprint[],
  featuresOf: (fingerprint: Fingerprint) => readonly string[],
): Steps<ReadonlyMap<string, Term>> {
  const distinct = new Map<string, number>()
  const failures = new Map<string, number>()
  for (const [row, { fingerprint, weight }] of population.entries()) {
    if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
    for (const feature of featuresOf(fingerprint)) {
      distinct.set(feature, (distinct.get(feature) ?? 0) + 1)
      failures.set(feature, (failures.get(feature) ?? 0) + weight)
    }
  }
  const count = population.length
  const kept = [...distinct.keys()]
    .filter((feature) => (failures.get(feature) ?? 0) >= FEWEST_FAILURES)
    // The task type that all share says nothing, and would make all alike.
    .filter((feature) => !feature.startsWith('task:') || distinct.get(feature) !== count)
    .sort()
  const terms = new Map<string, Term>()
  for (const [place, feature] of kept.entries()) {
    if (place % FEATURES_AT_ONCE === FEATURES_AT_ONCE - 1) yield
    terms.set(feature, {
      idf: Math.log((1 + count) / (1 + (distinct.get(feature) ?? 0))) + 1,
      ...(kept.length <= MOST_DIMENSIONS
        ? { dimension: place, sign: 1 as const }
        : hashedPlace(feature)),
    })
  }
  return terms
}

const hashedPlace = (feature: string): Pick<Term, 'dimension' | 'sign'> => {
  const hash = Number.parseInt(sha256(feature).slice(0, 8), 16)
  return { dimension: hash % MOST_DIMENSIONS, sign: hash >= 0x80000000 ? 1 : -1 }
}

const writePoint = (
  point: Float32Array,
  features: readonly string[],
  {
    vocabulary,
    blocks,
  }: {
    readonly vocabulary: ReadonlyMap<string, Term>
    readonly blocks: Readonly<Record<Block, number>>
  },
): void => {
  const terms = new Map<Block, Term[]>()
  for (const feature of features) {
    const block = BLOCK_OF_FAMILY[feature.slice(0, feature.indexOf(':'))]
    const term = vocabulary.get(feature)
    if (block === undefined || term === undefined) continue
    const list = terms.get(block)
    if (list === undefined) terms.set(block, [term])
    else list.push(term)
  }
  for (const [block, list] of terms) {
    const length = Math.sqrt(list.reduce((sum, { idf }) => sum + idf * idf, 0))
    const scale = blocks[block] / length
    for (const { dimension, idf, sign } of list)
      point[dimension] = (point[dimension] ?? 0) + sign * idf * scale
  }
}
