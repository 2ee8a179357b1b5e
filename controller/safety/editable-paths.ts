import type { ConfigPatch } from '../../schemas/agent-config.ts'

type Verb = ConfigPatch[number]['op']

const INDEX = '(?:0|[1-9]\\d*)'
const ID = '[^/]+'
const path = (text: string): RegExp => new RegExp(`^${text}$`)

/**
 * What the loop may change, and by which operation. Everything else is refused: the model and its parameters, the names
 * and parameters of tools, whole prompts, and whatever the schema may learn to hold later.
 */
const EDITABLE: readonly { readonly path: RegExp; readonly verbs: readonly Verb[] }[] = [
  { path: path(`/prompts/${ID}/(?:${INDEX}|-)`), verbs: ['add', 'remove', 'replace'] },
  { path: path(`/prompts/${ID}/${INDEX}/text`), verbs: ['replace'] },
  { path: path(`/(?:fewShot|skills)/(?:${INDEX}|-)`), verbs: ['add', 'remove', 'replace'] },
  { path: path(`/(?:fewShot|skills)/${INDEX}/text`), verbs: ['replace'] },
  { path: path(`/tools/${INDEX}/(?:description|enabled|examples)`), verbs: ['replace'] },
  {
    path: path(`/tools/${INDEX}/examples/(?:${INDEX}|-)`),
    verbs: ['add', 'remove', 'replace'],
  },
  {
    path: path('/output/(?:format|parser|repair|maxRepair)'),
    verbs: ['replace'],
  },
  { path: path('/output/schema'), verbs: ['add', 'remove', 'replace'] },
  { path: path('/retry/(?:maxAttempts|on|backoffMs)'), verbs: ['replace'] },
  { path: path('/context/strategy'), verbs: ['replace'] },
  {
    path: path('/context/(?:maxTokens|toolOutputMaxChars)'),
    verbs: ['add', 'remove', 'replace'],
  },
  { path: path('/guards/(?:maxSteps|loopDetector)'), verbs: ['replace'] },
]

/** `test` reads only, so it may stand anywhere. */
export const isEditable = (operation: ConfigPatch[number]): boolean =>
  operation.op === 'test' ||
  EDITABLE.some(
    ({ path: allowed, verbs }) => verbs.includes(operation.op) && allowed.test(operation.path),
  )
