import type { Finding, RunFacts } from './run-facts.ts'

/**
 * Most calls of tools failed. One error in a run that ended well is none of its failures, so few calls say nothing; the
 * score is the share of calls that went well.
 */
export const toolErrorRate = (
  { toolCalls }: RunFacts,
  { leastCalls, leastShare }: { readonly leastCalls: number; readonly leastShare: number },
): Finding | null => {
  const failed = toolCalls.filter(({ error }) => error !== null).length
  if (failed === 0 || toolCalls.length < leastCalls || failed / toolCalls.length < leastShare)
    return null
  return {
    value: 1 - failed / toolCalls.length,
    explanation: `${failed} of ${toolCalls.length} calls of tools failed.`,
  }
}
