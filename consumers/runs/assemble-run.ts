import type { AgentRun, StepKind } from '../../schemas/agent-run.ts'
import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import { canonicalJson, sha256 } from '../../schemas/canonical-json.ts'
import type { OtelLogRow, OtelTraceRow, SignalRow } from '../../schemas/tables.ts'
import { type RawSignal, rawSignalOf, runScores } from '../signals/run-scores.ts'
import { scoreRun } from '../signals/score-run.ts'
import { firstOf } from './attributes.ts'
import { capRun } from './cap-run.ts'
import { KEYS } from './dialect-keys.ts'
import { readError, type StepError } from './read-error.ts'
import { readEvaluations } from './read-evaluations.ts'
import { readSpans, type TraceRows } from './read-spans.ts'
import { type RunIdentity, readIdentity } from './run-identity.ts'
import { agentsOf, isoOfNs, msOfNs, runStep } from './run-steps.ts'
import { leavesOf, mainNode, type SpanNode, type SpanTree, spanTree } from './span-tree.ts'
import { answerOf, firstUserMessage, stepContent, taskOf } from './step-content.ts'
import { treeUsage } from './tree-usage.ts'

/** What the store holds of one trace. */
export interface StoredTrace {
  readonly traceId: string
  readonly spans: readonly OtelTraceRow[]
  readonly logs: readonly OtelLogRow[]
  /** Something was too large to be read whole. */
  readonly truncated: boolean
  /** Times later than this are of a wrong clock. */
  readonly latestMs: number
}

/** Why a trace is no run of an agent. */
export type NoRun = 'no-spans' | 'no-agent' | 'internal' | 'evaluation'

/** A trace that is a run, read but not yet judged: whose it is decides which signals belong to it. */
export interface OpenRun {
  readonly traceId: string
  readonly identity: RunIdentity
  readonly rows: TraceRows
  readonly tree: SpanTree
  readonly main: SpanNode | null
  readonly truncated: boolean
}

export interface RunRules {
  readonly passThreshold: number
  readonly passThresholds: Readonly<Record<string, number>>
}

const RUN_KINDS = new Set<StepKind>(['agent', 'workflow', 'llm', 'tool'])

/**
 * Reads a trace. It is a run where an agent, a workflow, a model or a tool takes part: the traces of a plain web service
 * are none, nor are NeoSigma's own calls and the runs of an evaluation.
 */
export const openRun = (trace: StoredTrace): OpenRun | NoRun => {
  if (trace.spans.length === 0) return 'no-spans'
  if (isMarked(trace.spans, ATTRIBUTES.internal)) return 'internal'
  if (isMarked(trace.spans, ATTRIBUTES.evaluation)) return 'evaluation'
  const rows = readSpans(trace.spans, trace.logs, trace.latestMs)
  const tree = spanTree(rows.spans)
  if (!tree.nodes.some(({ kind }) => RUN_KINDS.has(kind))) return 'no-agent'
  const main = mainNode(tree)
  return {
    traceId: trace.traceId,
    identity: readIdentity(tree, main),
    rows,
    tree,
    main,
    truncated: trace.truncated,
  }
}

const isMarked = (spans: readonly OtelTraceRow[], mark: string): boolean =>
  spans.some(
    ({ SpanAttributes, ResourceAttributes }) =>
      SpanAttributes[mark] === 'true' || ResourceAttributes[mark] === 'true',
  )

/**
 * The run of a trace with the signals that are about it, scored and labelled. The same rows and signals in any order and
 * any number of copies are the same revision.
 */
export const assembleRun = (
  open: OpenRun,
  signals: readonly SignalRow[],
  rules: RunRules,
): AgentRun => {
  const { identity, tree, main, rows } = open
  const error = main === null ? lastRootError(tree) : mainError(tree, main)
  const judgements: readonly RawSignal[] = [...readEvaluations(rows), ...signals.map(rawSignalOf)]
  const scored = scoreRun(runScores(judgements), {
    passThreshold: thresholdOf(identity.taskType, rules),
    rootFailed: error !== null,
  })
  const modelCalls = leavesOf(tree, 'llm')
  const agents = agentsOf(tree.topDown)
  const content = capRun({
    traceId: open.traceId,
    ...identity,
    dialect: main?.dialect ?? tree.nodes.find(({ dialect }) => dialect !== null)?.dialect ?? null,
    model: modelOf(modelCalls, main),
    ...timesOf(tree),
    outcome: scored.outcome,
    score: scored.score,
    scores: [...scored.scores],
    modelCalls: modelCalls.length,
    toolCalls: leavesOf(tree, 'tool').length,
    ...treeUsage(tree),
    input: inputOf(tree, main),
    output: outputOf(tree, main),
    error,
    steps: tree.nodes.map((node) => runStep(node, agents.get(node) ?? null)),
    truncated: open.truncated,
  })
  return { ...content, revision: sha256(canonicalJson(content)) }
}

const thresholdOf = (taskType: string | null, rules: RunRules): number =>
  taskType !== null && Object.hasOwn(rules.passThresholds, taskType)
    ? (rules.passThresholds[taskType] ?? rules.passThreshold)
    : rules.passThreshold

/** The agent's own error, else that of the request around it. */
const mainError = ({ roots }: SpanTree, main: SpanNode): StepError | null => {
  const around = roots.find(({ span }) => span.row.ParentSpanId === '')
  return readError(main.span) ?? (around === undefined ? null : readError(around.span))
}

/** Without an agent the run ended as its last root did: a call that failed and was made again is no failure. */
const lastRootError = ({ roots }: SpanTree): StepError | null => {
  const last = lastToEnd(roots)
  return last === null ? null : readError(last.span)
}

const lastToEnd = (nodes: readonly SpanNode[]): SpanNode | null =>
  nodes.reduce<SpanNode | null>(
    (last, node) => (last === null || endNs(node) >= endNs(last) ? node : last),
    null,
  )

const endNs = ({ span }: SpanNode): bigint => span.startNs + span.durationNs

const timesOf = ({ nodes }: SpanTree): Pick<AgentRun, 'startedAt' | 'endedAt' | 'durationMs'> => {
  const startNs = nodes[0]?.span.startNs ?? 0n
  const last = lastToEnd(nodes)
  const lastNs = last === null ? startNs : endNs(last)
  return {
    startedAt: isoOfNs(startNs),
    endedAt: isoOfNs(lastNs),
    durationMs: msOfNs(lastNs - startNs),
  }
}

/** The model of most calls, the first of equals; else what the main span names. */
const modelOf = (calls: readonly SpanNode[], main: SpanNode | null): string | null => {
  const models = calls.flatMap(({ span }) => firstOf(span.attributes, KEYS.model) ?? [])
  const [most] = [...Map.groupBy(models, (model) => model)].sort(
    ([, a], [, b]) => b.length - a.length,
  )
  return most?.[0] ?? (main === null ? null : firstOf(main.span.attributes, KEYS.model))
}

const inputOf = ({ nodes }: SpanTree, main: SpanNode | null): string | null => {
  const task = main === null ? null : taskOf(main.span)
  if (task !== null) return task
  const calls = nodes.filter(({ kind }) => kind === 'llm')
  const said = firstFound(calls, ({ span }) => firstUserMessage(span))
  return said ?? firstFound(nodes, (node) => stepContent(node).input)
}

const outputOf = ({ nodes }: SpanTree, main: SpanNode | null): string | null => {
  const answer = main === null ? null : answerOf(main.span)
  if (answer !== null) return answer
  const calls = nodes.filter(({ kind }) => kind === 'llm').toReversed()
  const said = firstFound(calls, ({ span }) => answerOf(span))
  return said ?? firstFound(nodes.toReversed(), (node) => stepContent(node).output)
}

const firstFound = (
  nodes: readonly SpanNode[],
  read: (node: SpanNode) => string | null,
): string | null => {
  for (const node of nodes) {
    const text = read(node)
    if (text !== null) return text
  }
  return null
}
