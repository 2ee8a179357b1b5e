import type { WorldTool } from '../../simulated-model/world.ts'

export interface ToolOutcome {
  readonly content: string
  readonly error: string | null
}

export interface ToolBox {
  readonly tools: readonly WorldTool[]
  /** Drifts of the tools that have been switched on. */
  readonly drifts: ReadonlySet<string>
}

/** The agent's tools answer as the world says: the first result that applies. A fatal one is thrown. */
export const runTool = (
  { tools, drifts }: ToolBox,
  name: string,
  argumentsJson: string,
  calledBefore: readonly string[],
): ToolOutcome => {
  const found = tools
    .find((tool) => tool.name === name)
    ?.results.find(
      ({ when, unlessCalled, drift }) =>
        (drift === undefined || drifts.has(drift)) &&
        (when === undefined || new RegExp(when, 'i').test(argumentsJson)) &&
        (unlessCalled === undefined || !calledBefore.includes(unlessCalled)),
    )
  if (found === undefined) return failed(`there is no tool ${name}`)
  if (found.error !== undefined && found.fatal) throw new Error(`${name}: ${found.error}`)
  if (found.error !== undefined) return failed(found.error)
  return { content: JSON.stringify(found.result ?? null), error: null }
}

const failed = (error: string): ToolOutcome => ({ content: JSON.stringify({ error }), error })
