import type { ModelClient } from '../../pipeline/model-client/model-client.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import type { Embedder } from './embedder.ts'

const BATCH = 128
const MOST_CACHED = 20_000

/** Points from an embeddings endpoint. A fingerprint is asked for once while the process lives (the last 20,000). */
export const openaiEmbedder = (model: Pick<ModelClient, 'embed'>): Embedder => {
  const cache = new Map<string, Float32Array>()
  const embed = async (
    fingerprints: readonly Fingerprint[],
  ): Promise<{ readonly points: Float32Array; readonly dimensions: number }> => {
    const missing = [...new Map(fingerprints.map((one) => [one.key, one])).values()].filter(
      ({ key }) => !cache.has(key),
    )
    const fresh = new Map<string, Float32Array>()
    for (let start = 0; start < missing.length; start += BATCH) {
      const batch = missing.slice(start, start + BATCH)
      const vectors = await model.embed(batch.map(textOf))
      for (const [place, { key }] of batch.entries()) {
        const vector = vectors[place]
        if (vector !== undefined) fresh.set(key, vector)
      }
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
        embed: async (fingerprints) => (await embed(fingerprints)).points,
      }
    },
  }
}

/** The fingerprint as text: what failed, the masked error or answer, the tools in order of name. Nothing unmasked. */
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
    `Order: ${names('pair')}`,
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

/** A vector that is missing or of another length stays zero: at the same distance from everything. */
const joinRows = (
  rows: readonly (Float32Array | undefined)[],
): { readonly points: Float32Array; readonly dimensions: number } => {
  const dimensions = rows.find((row) => row !== undefined)?.length ?? 1
  const points = new Float32Array(rows.length * dimensions)
  for (const [place, row] of rows.entries())
    if (row?.length === dimensions) points.set(row, place * dimensions)
  return { points, dimensions }
}
