import type { TraceStore } from '../pipeline/trace-store/trace-store.ts'
import { type AgentRun, agentRun } from '../schemas/agent-run.ts'

const SQL = `SELECT Body FROM neosigma_runs FINAL WHERE TraceId IN {ids: Array(String)} ORDER BY TraceId`

/** The example runs of a cluster, as far as the store still has them and they can be read. */
export const readExamples = async (
  store: TraceStore,
  traceIds: readonly string[],
): Promise<readonly AgentRun[]> => {
  const rows = await store.query<{ readonly Body: string }>(SQL, { ids: traceIds })
  return rows.flatMap(({ Body }) => {
    const parsed = agentRun.safeParse(jsonOf(Body))
    return parsed.success ? [parsed.data] : []
  })
}

/** Every text of the runs: it comes from outside, and no change of an agent may repeat it. */
export const textsOf = (runs: readonly AgentRun[]): readonly string[] =>
  runs
    .flatMap((run) => [
      run.input,
      run.output,
      run.error?.message,
      ...run.steps.flatMap(({ input, output, error }) => [input, output, error?.message]),
    ])
    .filter((text) => text !== null && text !== undefined)

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
