import { z } from 'zod'
import { type Diagnosis, ROOT_CAUSE_TYPES } from '../../schemas/cluster.ts'
import { unitScore } from '../../schemas/scalars.ts'
import type { ClusterEvidence } from './cluster-evidence.ts'
import { shownExamples } from './diagnosis-request.ts'
import { parseJson } from './parse-json.ts'
import { plainName } from './plain-name.ts'

export type ParsedDiagnosis =
  | { readonly status: 'usable'; readonly diagnosis: Diagnosis }
  | { readonly status: 'refused'; readonly reason: string }

const answer = z.object({
  rootCauseType: z.enum(ROOT_CAUSE_TYPES),
  component: z.string().max(200),
  hypothesis: z.string().min(1).max(600),
  rule: z.string().max(300),
  examples: z.array(z.number().int()).max(50).default([]),
  confidence: unitScore,
})

/** So many words in a row as in a trace are a copy, not own words. */
const COPIED_WORDS = 8
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\b(?:data|javascript|mailto):/i, 'an address'],
  [/[\w.%+-]+@[\w-]+\.\w+/, 'an e-mail address'],
  [/[A-Za-z0-9+/_=-]{40,}/, 'encoded text'],
  [/\p{Cf}|\p{Co}|(?!\s)\p{Cc}/u, 'hidden characters'],
  [/<\|?\/?[a-z_]+\|?>|```|\{\{|\$\{/i, 'markup'],
]

/**
 * Reads a model's answer. Whatever a trace may have talked the model into, only the closed schema gets through: own
 * words (no eight words in a row of a trace, no addresses, markup or encoded text), pointers to examples that were shown.
 */
export const parseDiagnosis = (text: string, evidence: ClusterEvidence): ParsedDiagnosis => {
  const parsed = answer.safeParse(parseJson(text))
  if (!parsed.success) return { status: 'refused', reason: 'does not follow the schema' }
  const { rootCauseType, hypothesis, rule, examples, confidence } = parsed.data
  const problem = [hypothesis, rule].map((words) => problemOf(words, evidence)).find(Boolean)
  if (problem !== undefined && problem !== null) return { status: 'refused', reason: problem }
  const shown = shownExamples(evidence)
  const supported = [...new Set(examples)].flatMap((number) => shown[number - 1] ?? [])
  return {
    status: 'usable',
    diagnosis: {
      rootCauseType,
      component: plainName(parsed.data.component),
      hypothesis: singleLine(hypothesis),
      rule: singleLine(rule),
      evidence: (supported.length > 0 ? supported : shown).map(({ traceId, spanId }) => ({
        traceId,
        spanId,
      })),
      confidence,
      source: 'model',
    },
  }
}

const singleLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const problemOf = (words: string, evidence: ClusterEvidence): string | null => {
  const forbidden = FORBIDDEN.find(([pattern]) => pattern.test(words))
  if (forbidden !== undefined) return `holds ${forbidden[1]}`
  return copies(words, evidence) ? 'copies a trace' : null
}

const copies = (words: string, { examples, kinds }: ClusterEvidence): boolean => {
  const own = runsOfWords(words)
  if (own.size === 0) return false
  const untrusted = [
    ...examples.flatMap(({ input, output, error }) => [input, output, error]),
    ...kinds.map(({ template }) => template),
  ]
  return untrusted.some((text) =>
    [...runsOfWords((text ?? '').slice(0, 20_000))].some((run) => own.has(run)),
  )
}

const runsOfWords = (text: string): ReadonlySet<string> => {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const runs = new Set<string>()
  for (let start = 0; start + COPIED_WORDS <= words.length; start++)
    runs.add(words.slice(start, start + COPIED_WORDS).join(' '))
  return runs
}
