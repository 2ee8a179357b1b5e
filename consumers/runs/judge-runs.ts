import { decodeBatch } from '../../pipeline/event-log/decode-batch.ts'
import type { RecordBatch } from '../../pipeline/event-log/event-log.ts'
import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import type { ModelClient } from '../../pipeline/model-client/model-client.ts'
import { isoOf } from '../../pipeline/service-runtime/clock.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import { NeoSigmaError } from '../../schemas/errors.ts'
import type { Signal } from '../../schemas/signal.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { isAffordable, isSampled, mostUsd, usdOf } from '../evaluators/judge-budget.ts'
import { judgedContent, judgeRequest, judgeVersion } from '../evaluators/judge-request.ts'
import { type Judgement, parseJudgement } from '../evaluators/parse-judgement.ts'
import { enter, type LedgerEntry, recall, spentOn } from './judge-ledger.ts'

const GROUP = 'neosigma-judge'
const BATCH_RUNS = 20
const PAUSE_MS = 1000
const NAME = 'judge'
const SOURCE = 'neosigma judge'

/**
 * Shows a sample of runs to a model and sends its grades as signals, like those of anybody else. One instance judges, the
 * owner of the signals' first partition, so that the day's budget is one.
 */
export const judgeRuns = async (
  context: RoleContext,
  isOwner: () => boolean,
  signal: AbortSignal,
): Promise<void> => {
  const { model, configuration, clock } = context
  if (model === null || !configuration.evaluators.judge.enabled) return
  while (!signal.aborted) {
    if (!isOwner()) {
      await clock.sleep(PAUSE_MS, signal)
      continue
    }
    const turn = new AbortController()
    const options = {
      group: GROUP,
      topics: [TOPICS.runs.name],
      maxRecords: BATCH_RUNS,
      signal: AbortSignal.any([signal, turn.signal]),
    }
    await runConsumer(context, options, async (batch) => {
      if (isOwner()) await judgeBatch(context, model, batch)
      else turn.abort()
    })
  }
}

const judgeBatch = async (
  context: RoleContext,
  model: ModelClient,
  batch: RecordBatch,
): Promise<void> => {
  const { judge } = context.configuration.evaluators
  const version = judgeVersion(context.configuration.model.name, judge)
  for (const { event: run } of await decodeBatch(context, 'judge', TOPICS.runs, batch)) {
    if (!isSampled(run.traceId, judge) || isJudged(run, version)) continue
    const judgement = await judgementOf(context, model, { run, version })
    if (judgement !== null) await send(context, { run, version, judgement })
    await batch.heartbeat()
  }
  await batch.commit()
}

/** Also where there is nothing to judge. */
const isJudged = ({ input, output, scores }: AgentRun, judge: string): boolean =>
  (input === null && output === null) ||
  scores.some(
    ({ name, source, version }) => name === NAME && source === SOURCE && version === judge,
  )

interface Question {
  readonly run: AgentRun
  readonly version: string
}

/** What the ledger knows, else what the model answers within the day's budget. */
const judgementOf = async (
  context: RoleContext,
  model: ModelClient,
  { run, version }: Question,
): Promise<Judgement | null> => {
  const { store, clock, metrics, configuration } = context
  const { judge } = configuration.evaluators
  const day = isoOf(clock.nowMs()).slice(0, 10)
  const content = judgedContent(run)
  const known = await recall(store, { judge: version, content, day })
  if (known.outcome === 'judged' || known.outcome === 'unusable') {
    metrics.count('neosigma.judge.runs', 1, { outcome: 'known' })
    return known.judgement
  }
  const request = judgeRequest(run, judge)
  const usd = mostUsd(request, judge)
  if (!isAffordable(await spentOn(store, day), usd, judge)) {
    metrics.count('neosigma.judge.runs', 1, { outcome: 'over-budget' })
    return null
  }
  const asked: LedgerEntry = {
    judge: version,
    content,
    traceId: run.traceId,
    day,
    outcome: 'asked',
    judgement: null,
    calls: known.today.calls + 1,
    usd: known.today.usd + usd,
  }
  await enter(store, asked, clock.nowMs())
  const settled = await settle(context, model, { request, asked, before: known.today.usd })
  metrics.count('neosigma.judge.runs', 1, { outcome: settled.outcome })
  return settled.judgement
}

interface Asking {
  readonly request: ReturnType<typeof judgeRequest>
  readonly asked: LedgerEntry
  /** What the content has cost today without this call. */
  readonly before: number
}

const settle = async (
  { store, clock, logger, configuration }: RoleContext,
  model: ModelClient,
  { request, asked, before }: Asking,
): Promise<LedgerEntry> => {
  const keep = async (entry: LedgerEntry): Promise<LedgerEntry> => {
    await enter(store, entry, clock.nowMs())
    return entry
  }
  try {
    const answer = await model.chat(request)
    const judgement = parseJudgement(answer.text)
    const usd = before + usdOf(answer, configuration.evaluators.judge)
    return await keep({ ...asked, usd, judgement, outcome: judgement ? 'judged' : 'unusable' })
  } catch (error) {
    if (!(error instanceof NeoSigmaError) || !isOfModel(error)) throw error
    logger.warn({ err: error }, 'no judgement by the model')
    const isUnusable = error.code === 'model-answer-unusable'
    // What an answer that never came has cost nobody knows: it stays at its most.
    const entry = await keep({ ...asked, outcome: isUnusable ? 'unusable' : 'unavailable' })
    if (error.code === 'model-unavailable') throw error
    return entry
  }
}

const isOfModel = ({ code }: NeoSigmaError): boolean =>
  code === 'model-unavailable' ||
  code === 'model-answer-unusable' ||
  code === 'config-secret-missing'

const send = async (
  { log, clock }: RoleContext,
  { run, version, judgement }: Question & { readonly judgement: Judgement },
): Promise<void> => {
  const time = isoOf(clock.nowMs())
  const said: Signal = {
    id: digestOf([NAME, version, run.traceId, judgedContent(run)]),
    traceId: run.traceId,
    name: NAME,
    type: 'automated',
    value: judgement.value,
    label: judgement.reason,
    explanation: null,
    source: SOURCE,
    version,
    userId: null,
    at: time,
  }
  await log.append([
    encodeEvent(TOPICS.signals, said, {
      id: said.id,
      source: '/neosigma/judge',
      time,
      key: run.traceId,
    }),
  ])
}
