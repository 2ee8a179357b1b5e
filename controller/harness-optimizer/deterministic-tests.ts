import type { Task } from '../../schemas/task.ts'
import { type ExampleRun, type TestEvidence, taskFrom } from './test-evidence.ts'

const SHORTEST_TEMPLATE = 12

/**
 * Tests without a model: only where a rule is certain. An agent that promises JSON has to give JSON; an answer must
 * not show the run's own error to the user. Whatever else went wrong, what is right is not known here: no test.
 */
export const deterministicTests = (evidence: TestEvidence): readonly Task[] =>
  evidence.examples.flatMap((example) => [
    ...jsonTest(evidence, example),
    ...errorTest(evidence, example),
  ])

const jsonTest = ({ clusterId, config }: TestEvidence, example: ExampleRun): readonly Task[] => {
  if (config.output.format !== 'json' || example.output === null || isJson(example.output))
    return []
  const schema = config.output.schema ?? {}
  return [taskFrom(clusterId, example, [{ type: 'json-schema', schema }])]
}

const errorTest = ({ clusterId }: TestEvidence, example: ExampleRun): readonly Task[] => {
  const template = literalPart(example.error?.message ?? '')
  return template !== null && example.output?.includes(template) === true
    ? [taskFrom(clusterId, example, [{ type: 'contains', value: template, not: true }])]
    : []
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The longest stretch of an error message that does not vary from run to run: no quotations, numbers or ids. */
const literalPart = (message: string): string | null => {
  const parts = message
    .split(/"[^"]*"|'[^']*'|`[^`]*`|[\w-]*\d[\w-]*|\n/u)
    .map((part) => part.trim())
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '')
  return longest.length >= SHORTEST_TEMPLATE ? longest : null
}
