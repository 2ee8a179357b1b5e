import { agentExamples } from './examples/agent.ts'
import { decisionExamples } from './examples/decisions.ts'
import type { Example } from './examples/example.ts'
import { miningExamples } from './examples/mining.ts'
import { operationExamples } from './examples/operation.ts'
import { runProtocolExamples } from './examples/run-protocol.ts'

/** At least one per contract of a topic, one per kind of decision. */
export const EXAMPLES: readonly Example[] = [
  ...agentExamples,
  ...decisionExamples,
  ...miningExamples,
  ...operationExamples,
  ...runProtocolExamples,
]
