import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseTraceAnswer } from '../../../consumers/diagnosis/parse-trace-answer.ts'
import { traceRequest } from '../../../consumers/diagnosis/trace-request.ts'
import type { ImportSystem } from '../../support/import-system.ts'
import { type RootCauseLabel, readRootCauses, TYPE_OF_CATEGORY } from './agentrx-labels.ts'
import { airlineTable, noiseAndSize } from './quality-airline.ts'
import {
  configuredModel,
  dataFile,
  type MinedFile,
  mineFile,
  withSystem,
} from './quality-import.ts'
import {
  AGREEMENT_HEAD,
  agreementRows,
  clusterOpinion,
  type LabelledFailure,
  labelled,
  lastCall,
  majorityType,
  type Opinion,
  stepRow,
  typeRow,
} from './quality-retail.ts'

const DOCUMENT = join(import.meta.dirname, '../results/mining-quality.md')
const BYTES_PER_GIB = 2 ** 30
const NOT_RUN =
  'not run: no model is configured (OPENAI_BASE_URL or OPENAI_API_KEY, NEOSIGMA_MODEL; for embeddings NEOSIGMA_EMBEDDING_MODEL)'

/** How the clusters of real failures agree with what is known of them: `npm run bench -- mining quality`. */
export const run = async (): Promise<void> => {
  const airline = dataFile('tau-airline/trials-0-1.json', 'the airline agent')
  const retail = dataFile('agentrx/tau-retail/trajectories.json', 'the retail agent')
  const truth =
    retail === null ? null : dataFile('agentrx/tau-retail/ground_truth.json', 'the labels')
  const [cpu] = cpus()
  const parts = [
    '# Quality of clusters and diagnoses on real failures',
    '`npm run bench -- mining quality`, with the data in the folder that NEOSIGMA_TEST_DATA names',
    `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / BYTES_PER_GIB)} GiB, Node ${process.version}`,
    "Every run is imported as a user imports it: receiver, log, writer, store, runs, miner, all but their waits as they come. Intervals are Wilson's at 95 %.",
    ...(airline === null && truth === null
      ? ['not run: the data is absent']
      : await withSystem(null, (system) => offlineParts(system, { airline, retail, truth }))),
  ]
  const isComplete = airline !== null && truth !== null
  if (retail !== null && truth !== null) parts.push(await modelPart(retail, readRootCauses(truth)))
  const text = `${parts.join('\n\n')}\n`
  process.stdout.write(text)
  if (isComplete) writeFileSync(DOCUMENT, text)
  else process.stderr.write(`*** rows are missing: ${DOCUMENT} stays as it was\n`)
}

interface Files {
  readonly airline: string | null
  readonly retail: string | null
  readonly truth: string | null
}

const offlineParts = async (
  system: ImportSystem,
  { airline, retail, truth }: Files,
): Promise<readonly string[]> => [
  '## Airline agent (tau-bench): 50 tasks, two trials each, offline features',
  airline === null
    ? 'not run: the data is absent'
    : airlineTable(await mineFile(airline, 'airline', system)),
  '## Retail agent (AgentRx): failed runs whose root cause people have labelled',
  ...(retail === null || truth === null
    ? ['not run: the data is absent']
    : retailParts(await mineFile(retail, 'retail', system), readRootCauses(truth))),
]

const retailParts = (file: MinedFile, labels: readonly RootCauseLabel[]): readonly string[] => {
  const runs = labelled(file, labels)
  const best = majorityType(runs)
  const { noise, largest } = noiseAndSize(file)
  return [
    `${file.runs} runs, ${file.clusters.length} clusters, ${noise} noise, the largest has ${largest}. Agreement of the clusters with the ${new Set(labels.map(({ category }) => category)).size} categories of the root causes, beside its mean over 1,000 shuffles of the categories and the share of shuffles that do as well:`,
    [...AGREEMENT_HEAD, ...agreementRows('offline', file, labels)].join('\n'),
    'Root cause: is the labelled step (the model call, its tool calls, or the call that read the message) among the pointers of the evidence?',
    [
      '| by | right step, of all runs | runs in the evidence | runs with a step | right step, of those with one |',
      '|---|--:|--:|--:|--:|',
      stepRow('diagnosis by rules', runs, clusterOpinion),
      stepRow('baseline: the last tool call of each run', runs, lastCall),
    ].join('\n'),
    'Type of the root cause, against the table below; `unknown` counts as wrong:',
    [
      '| by | `unknown` | right | right or defensible |',
      '|---|--:|--:|--:|',
      typeRow('diagnosis by rules', runs, (one) => clusterOpinion(one).type),
      typeRow(`baseline: \`${best}\` for every run`, runs, () => best),
    ].join('\n'),
    typeTable(runs),
  ]
}

const typeTable = (runs: readonly LabelledFailure[]): string =>
  [
    'People labelled categories, not our types. This is our reading of them, by what would have to change:',
    '',
    '| category | runs | type | defensible | because |',
    '|---|--:|---|---|---|',
    ...Object.entries(TYPE_OF_CATEGORY).map(
      ([category, { type, orElse, reason }]) =>
        `| ${category} | ${runs.filter(({ label }) => label.category === category).length} | ${type} | ${orElse ?? ''} | ${reason} |`,
    ),
  ].join('\n')

/** The same with the configured endpoint, in a system of its own. */
const modelPart = async (retail: string, labels: readonly RootCauseLabel[]): Promise<string> => {
  const loaded = configuredModel()
  const title = '## Retail agent with a model endpoint'
  if (loaded === null) return `${title}\n\n${NOT_RUN}`
  const { name, embeddingModel } = loaded.configuration.model
  return withSystem(loaded, async (system) => {
    const file = await mineFile(retail, 'retail', system)
    const runs = labelled(file, labels)
    const single = await singleOpinions(runs, system)
    const opinion = ({ run: { traceId } }: LabelledFailure): Opinion =>
      single.get(traceId) ?? { type: 'unknown', spanIds: null }
    return [
      title,
      `Model \`${name}\`, embeddings ${embeddingModel === null ? '**not run** (NEOSIGMA_EMBEDDING_MODEL)' : `\`${embeddingModel}\``}; ${file.clusters.filter(({ diagnosis }) => diagnosis.source === 'model').length} of ${file.clusters.length} clusters diagnosed by the model.`,
      [
        ...AGREEMENT_HEAD,
        ...agreementRows(embeddingModel === null ? 'offline' : 'embeddings', file, labels),
      ].join('\n'),
      [
        '| by | right step, of all runs | runs in the evidence | runs with a step | right step, of those with one |',
        '|---|--:|--:|--:|--:|',
        stepRow('diagnosis of the clusters', runs, clusterOpinion),
        stepRow('each run asked about', runs, opinion),
      ].join('\n'),
      [
        '| by | `unknown` | right | right or defensible |',
        '|---|--:|--:|--:|',
        typeRow('diagnosis of the clusters', runs, (one) => clusterOpinion(one).type),
        typeRow('each run asked about', runs, (one) => opinion(one).type),
      ].join('\n'),
    ].join('\n\n')
  })
}

const singleOpinions = async (
  runs: readonly LabelledFailure[],
  { context: { model } }: ImportSystem,
): Promise<ReadonlyMap<string, Opinion>> => {
  const opinions = new Map<string, Opinion>()
  if (model === null) return opinions
  for (const { run: one } of runs) {
    const { text } = await model.chat(traceRequest(one))
    const cause = parseTraceAnswer(text, one)
    if (cause !== null)
      opinions.set(one.traceId, {
        type: cause.rootCauseType,
        spanIds: cause.spanId === null ? [] : [cause.spanId],
      })
  }
  return opinions
}
