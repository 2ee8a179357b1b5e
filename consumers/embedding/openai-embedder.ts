import type { ModelClient } from '../../pipeline/model-client/model-client.ts'
import { TransientError } from '../../schemas/errors.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import type { Embedder } from './embedder.ts'

const BATCH = 128
const MOST_CACHED = 20_000

interface Rows {
  readonly points: Float32Array
  readonly dimensions: number
}

/**
 * Points from an embeddings endpoint. A fingerprint is asked for once while the process lives (the last 20,000). Should
 * the endpoint answer with more or fewer numbers than before, what it said before is forgotten and asked for anew; a space
 * that was made before takes no new points any more.
 */
export const openaiEmbedder = (model: Pick<ModelClient, 'embed'>): Embedder => {
  const cache = new Map<string, Float32Array>()
  const ask = async (
    fingerprints: readonly Fingerprint[],
  ): Promise<ReadonlyMap<string, Float32Array>> => {
    const fresh = new Map<string, Float32Array>()
    for (let start = 0; start < fingerprints.length; start += BATCH) {
      const batch = fingerprints.slice(start, start + BATCH)
      const vectors = await model.embed(batch.map(textOf))
      for (const [place, { key }] of batch.entries()) {
        const vector = vectors[place]
        if (vector !== undefined) fresh.set(key, vector)
      }
    }
    return fresh
  }
  const embed = async (fingerprints: readonly Fingerprint[]): Promise<Rows> => {
    const distinct = [...new Map(fingerprints.map((one) => [one.key, one])).values()]
    let fresh = await ask(distinct.filter(({ key }) => !cache.has(key)))
    const known = lengthOf(cache)
    if (known !== null && (lengthOf(fresh) ?? known) !== known) {
      cache.clear()
      const others = distinct.filter(({ key }) => !fresh.has(key))
      fresh = new Map([...fresh, ...(await ask(others))])
      lengthOf(fresh)
    }
    const rows = fingerprints.map(({ key }) => fresh.get(key) ?? cache.get(key))
    remember(cache, fresh)
    return joinRows(rows)
  }
  return {
    fit: async (population) => {
      const { points, dimensions } = await embed(population.map(({ fingerprint }) => fingerprint))
      return {
        dimensions,
        points,
        embed: async (fingerprints) => pointsOf(await embed(fingerprints), dimensions),
      }
    },
  }
}

/** Numbers per vector; null where there are no vectors. @throws TransientError where they differ. */
const lengthOf = (vectors: ReadonlyMap<string, Float32Array>): number | null => {
  let length: number | null = null
  for (const vector of vectors.values()) {
    if (length !== null && vector.length !== length) throw otherLength(vector.length, length)
    length = vector.length
  }
  return length
}

const pointsOf = ({ points, dimensions }: Rows, expected: number): Float32Array => {
  if (points.length > 0 && dimensions !== expected) throw otherLength(dimensions, expected)
  return points
}

const otherLength = (found: number, expected: number): TransientError =>
  new TransientError(
    'model-unavailable',
    `The embeddings endpoint answers with ${found} numbers, where it gave ${expected}.`,
  )

/**
 * The fingerprint as text: what failed, the masked error or answer, the tools in order of name. Nothing unmasked. Where a
 * run ended in a failing step, in which order the others came is left out.
 */
export const textOf = ({ failingStep, template, features }: Fingerprint): string => {
  const names = (family: string): string =>
    features
      .filter((feature) => feature.startsWith(`${family}:`))
      .map((feature) => feature.slice(family.length + 1))
      .join(', ')
  return [
    failingStep === null
      ? 'No step reported an error.'
      : `Failing ${failingStep.kind} ${failingStep.tool} ${failingStep.errorType}`.trim(),
    `Says: ${template}`,
    `Tools: ${names('tool')}`,
    ...(failingStep?.position === 'last' ? [] : [`Order: ${names('pair')}`]),
  ]
    .join('\n')
    .slice(0, 2000)
}

const remember = (
  cache: Map<string, Float32Array>,
  fresh: ReadonlyMap<string, Float32Array>,
): void => {
  for (const [key, vector] of fresh) cache.set(key, vector)
  for (const key of cache.keys()) {
    if (cache.size <= MOST_CACHED) break
    cache.delete(key)
  }
}

/** A vector that is missing stays zero: at the same distance from everything. */
const joinRows = (rows: readonly (Float32Array | undefined)[]): Rows => {
  const dimensions = rows.find((row) => row !== undefined)?.length ?? 1
  const points = new Float32Array(rows.length * dimensions)
  for (const [place, row] of rows.entries())
    if (row !== undefined) points.set(row, place * dimensions)
  return { points, dimensions }
}
