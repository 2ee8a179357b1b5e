import type { AgentConfig } from '../../schemas/agent-config.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { canonicalJson, sha256 } from '../../schemas/canonical-json.ts'
import type { Diagnosis } from '../../schemas/cluster.ts'
import { type Scorer, type Task, task } from '../../schemas/task.ts'

/** A failed run of the cluster, as far as a test can be made of it. Its text is untrusted. */
export interface ExampleRun {
  readonly traceId: string
  readonly taskType: string | null
  readonly input: string
  readonly output: string | null
  readonly error: { readonly type: string; readonly message: string } | null
  /** Session, else user, else the trace: what must not be divided over splits. */
  readonly group: string
}

/** What is known of a cluster when tests are made for it. */
export interface TestEvidence {
  readonly clusterId: string
  readonly diagnosis: Diagnosis
  readonly config: AgentConfig
  readonly examples: readonly ExampleRun[]
}

/** Runs whose input was not recorded cannot be repeated and are left out. */
export const examplesOf = (runs: readonly AgentRun[]): readonly ExampleRun[] =>
  runs.flatMap(({ traceId, taskType, input, output, error, sessionId, userId }) =>
    input === null || input.trim() === ''
      ? []
      : [{ traceId, taskType, input, output, error, group: sessionId ?? userId ?? traceId }],
  )

/** A test that repeats an example's input. Its id is its content: the same test made twice is one test. */
export const taskFrom = (
  clusterId: string,
  example: ExampleRun,
  scorers: readonly Scorer[],
): Task => {
  const content = canonicalJson([example.taskType, example.input, scorers])
  return task.parse({
    id: `generated-${sha256(content).slice(0, 16)}`,
    taskType: example.taskType ?? undefined,
    input: example.input,
    scorers,
    // Every scorer has to agree: a test that half passes says nothing of this failure.
    passThreshold: 1,
    group: example.group,
    origin: 'generated',
    trigger: { clusterId, traceIds: [example.traceId] },
  })
}
