import { z } from 'zod'

const embeddings = z.looseObject({
  data: z.array(
    z.looseObject({
      index: z.number().int().min(0).optional(),
      embedding: z.array(z.number()).min(1),
    }),
  ),
  usage: z.looseObject({ prompt_tokens: z.number() }).nullish(),
})

export type ReadVectors =
  | {
      readonly status: 'usable'
      readonly vectors: readonly Float32Array[]
      readonly inputTokens: number | null
    }
  | { readonly status: 'unusable'; readonly reason: string }

/** One vector per text in the order of the texts, all of one length and finite, or why not. */
export const readVectors = (body: unknown, count: number): ReadVectors => {
  const parsed = embeddings.safeParse(body)
  if (!parsed.success)
    return unusable(`the answer is no list of embeddings: ${z.prettifyError(parsed.error)}`)
  const { data, usage } = parsed.data
  const byIndex = new Map(data.map(({ index, embedding }, i) => [index ?? i, embedding]))
  const rows = Array.from({ length: count }, (_, i) => byIndex.get(i))
  const vectors = rows.flatMap((row) => (row === undefined ? [] : [Float32Array.from(row)]))
  if (vectors.length !== count || data.length !== count)
    return unusable(`${data.length} embeddings came for ${count} texts`)
  const lengths = new Set(vectors.map(({ length }) => length))
  if (lengths.size > 1) return unusable(`embeddings have lengths ${[...lengths].join(', ')}`)
  if (vectors.some((vector) => !vector.every(Number.isFinite)))
    return unusable('an embedding is not finite in 32 bits')
  return { status: 'usable', vectors, inputTokens: usage?.prompt_tokens ?? null }
}

const unusable = (reason: string): ReadVectors => ({ status: 'unusable', reason })
