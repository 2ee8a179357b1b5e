import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { AgentSettings } from '../pipeline/service-runtime/configuration.ts'
import { type Task, testSuite } from '../schemas/task.ts'
import { scorerProblem } from './evaluation/match-answer.ts'

export type FileContent<Content> =
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly problem: string }

/** The tasks of an agent's suite; unique ids, scorers that can be used. */
export const readSuite = async ({
  suite,
}: Pick<AgentSettings, 'suite'>): Promise<FileContent<readonly Task[]>> => {
  if (suite === undefined) return { ok: false, problem: 'no suite is configured' }
  const read = await readJson(suite, testSuite)
  if (!read.ok) return read
  const { tasks } = read.content
  const problems = [...repeatedIds(tasks), ...unusableScorers(tasks)]
  return problems.length === 0
    ? { ok: true, content: tasks }
    : { ok: false, problem: `${suite}: ${problems.join('; ')}` }
}

const readJson = async <Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<FileContent<z.infer<Schema>>> => {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')))
    return parsed.success
      ? { ok: true, content: parsed.data }
      : { ok: false, problem: `${file}: ${z.prettifyError(parsed.error)}` }
  } catch (error) {
    return { ok: false, problem: `${file}: ${error instanceof Error ? error.message : error}` }
  }
}

const repeatedIds = (tasks: readonly Task[]): readonly string[] => {
  const ids = tasks.map(({ id }) => id)
  return [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))].map((id) => `two tasks ${id}`)
}

const unusableScorers = (tasks: readonly Task[]): readonly string[] =>
  tasks.flatMap(({ id, scorers }) =>
    scorers.flatMap((scorer) => {
      const problem = scorerProblem(scorer)
      return problem === null ? [] : [`task ${id}: ${problem}`]
    }),
  )
