import type { AgentRun, StepKind } from '../../schemas/agent-run.ts'
import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import { canonicalJson, sha256 } from '../../schemas/canonical-json.ts'
import type { OtelLogRow, OtelTraceRow, SignalRow } from '../../schemas/tables.ts'
import type { TaskTypeRule } from '../../schemas/task-type-rule.ts'
import type { LabelledScore } from '../signals/judge-run.ts'
import type { RawSignal } from '../signals/raw-signal.ts'
import { firstOf } from './attributes.ts'
import { capRun } from './cap-run.ts'
import { KEYS } from './dialect-keys.ts'
import { type JudgingRules, judgementsOn, judgeOpenRun } from './judge-open-run.ts'
import type { StepError } from './read-error.ts'
import { readSpans, type TraceRows } from './read-spans.ts'
import type { Usage } from './read-usage.ts'
import { type RunIdentity, readIdentity } from './run-identity.ts'
import { agentsOf, isoOfNs, msOfNs, runStep } from './run-steps.ts'
import { endNs, lastToEnd, leavesOf, type SpanNode, type SpanTree, spanTree } from './span-tree.ts'
import { type RunPart, splitTrace } from './split-trace.ts'
import { answerOf, holdsAnswers, stepContent, taskOf, userMessageOf } from './step-content.ts'
import { taskTypeByRule } from './task-type.ts'
import { countedUsage, usageOf } from './tree-usage.ts'

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

/** A run that is read but not yet judged: whose it is decides which signals belong to it. */
export interface OpenRun {
  /** The key of the run: the id of its trace, or one derived from it for a further agent of the trace. */
  readonly traceId: string
  /** The trace that holds it, where the key is a derived one. */
  readonly partOf: string | null
  readonly identity: RunIdentity
  /** Spans of the run and above it, which may hold judgements. */
  readonly rows: TraceRows
  /** Spans of other runs of the trace: what is said about them is not about this one. */
  readonly elsewhere: ReadonlySet<string>
  readonly tree: SpanTree
  readonly main: SpanNode | null
  readonly error: StepError | null
  readonly usage: Usage
  readonly truncated: boolean
}

/** The trace in which a run is found. */
export const traceOf = ({
  traceId,
  partOf,
}: {
  readonly traceId: string
  readonly partOf?: string | null | undefined
}): string => partOf ?? traceId

export type RunRules = JudgingRules

const RUN_KINDS = new Set<StepKind>(['agent', 'workflow', 'llm', 'tool'])

/**
 * Reads a trace. It holds runs where an agent, a workflow, a model or a tool takes part, one for each root agent: the
 * traces of a plain web service hold none, nor do NeoSigma's own calls and the runs of an evaluation.
 */
export const openRuns = (
  trace: StoredTrace,
  taskTypes: readonly TaskTypeRule[] = [],
): readonly OpenRun[] | NoRun => {
  if (trace.spans.length === 0) return 'no-spans'
  if (isMarked(trace.spans, ATTRIBUTES.internal)) return 'internal'
  if (isMarked(trace.spans, ATTRIBUTES.evaluation)) return 'evaluation'
  const rows = readSpans(trace.spans, trace.logs, trace.latestMs)
  const tree = spanTree(rows.spans)
  if (!tree.nodes.some(({ kind }) => RUN_KINDS.has(kind))) return 'no-agent'
  const parts = splitTrace(trace.traceId, tree)
  const counted = countedUsage(tree)
  const shared = new Set(parts.flatMap(({ above }) => above.map(spanIdOf)))
  return parts.map((part) => ({
    traceId: part.key,
    partOf: part.key === trace.traceId ? null : trace.traceId,
    identity: identityOf(part, taskTypes),
    ...heardOf(part, rows, shared),
    tree: part.tree,
    main: part.main,
    error: part.error,
    usage: usageOf(part.tree, counted),
    truncated: trace.truncated,
  }))
}

/** The task type is what the run says, else what a rule says of it, else the name of its prompt. */
const identityOf = (
  { tree, main, above }: RunPart,
  taskTypes: readonly TaskTypeRule[],
): RunIdentity => {
  const nodes = [...tree.nodes, ...above]
  const identity = readIdentity(nodes, main)
  const byRule = (): string | null =>
    taskTypes.length === 0
      ? null
      : taskTypeByRule(taskTypes, { ...identity, nodes, input: inputOf(tree, main) })
  return { ...identity, taskType: identity.taskType ?? byRule() ?? identity.promptName }
}

const spanIdOf = ({ span }: SpanNode): string => span.row.SpanId

/** What may be judged: a span above several agents is about all of them. */
const heardOf = (
  { tree, above }: RunPart,
  { spans, unplaced }: TraceRows,
  shared: ReadonlySet<string>,
): Pick<OpenRun, 'rows' | 'elsewhere'> => {
  // Most traces are one run.
  if (tree.nodes.length === spans.length) return { rows: { spans, unplaced }, elsewhere: new Set() }
  const own = new Set([...tree.nodes, ...above].map(spanIdOf))
  const others = spans.filter(({ row }) => !own.has(row.SpanId) && !shared.has(row.SpanId))
  return {
    rows: { spans: spans.filter(({ row }) => own.has(row.SpanId)), unplaced },
    elsewhere: new Set(others.map(({ row }) => row.SpanId)),
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
): AgentRun => assembleJudged(open, judgementsOn(open, signals), rules).run

export interface AssembledRun {
  readonly run: AgentRun
  /** What its scorers said, where people have labelled the run. */
  readonly agreements: readonly LabelledScore[]
}

/** The same of all that was said about it, with what its scorers said where the run is labelled. */
export const assembleJudged = (
  open: OpenRun,
  judgements: readonly RawSignal[],
  rules: RunRules,
): AssembledRun => {
  const { identity, tree, main, error } = open
  const modelCalls = leavesOf(tree, 'llm')
  const agents = agentsOf(tree.topDown)
  const output = outputOf(tree, main)
  const steps = tree.nodes.map((node) => runStep(node, agents.get(node) ?? null))
  const scored = judgeOpenRun(open, { output, steps }, judgements, rules)
  const content = capRun({
    traceId: open.traceId,
    ...(open.partOf === null ? {} : { partOf: open.partOf }),
    ...identity,
    dialect: main?.dialect ?? tree.nodes.find(({ dialect }) => dialect !== null)?.dialect ?? null,
    model: modelOf(modelCalls, main),
    ...timesOf(tree),
    outcome: scored.outcome,
    score: scored.score,
    scores: [...scored.scores],
    modelCalls: modelCalls.length,
    toolCalls: leavesOf(tree, 'tool').length,
    ...open.usage,
    input: inputOf(tree, main),
    output,
    error,
    steps,
    truncated: open.truncated,
  })
  const run = { ...content, revision: sha256(canonicalJson(content)) }
  return { run, agreements: scored.agreements }
}

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

/** Where the agent was given a conversation, or tells one, its first call of a model says what was asked this time. */
const inputOf = ({ nodes }: SpanTree, main: SpanNode | null): string | null => {
  const calls = nodes.filter(({ kind }) => kind === 'llm')
  const asked = (): string | null => firstFound(calls, ({ span }) => userMessageOf(span))
  const task = main === null ? null : taskOf(main.span)
  if (main !== null && task !== null) return (holdsAnswers(main.span) ? asked() : null) ?? task
  return asked() ?? firstFound(nodes, (node) => stepContent(node).input)
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
