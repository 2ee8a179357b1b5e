import type { ContractName } from './contracts.ts'
import { agentExamples } from './examples/agent.ts'
import { decisionExamples } from './examples/decisions.ts'
import { miningExamples } from './examples/mining.ts'
import { operationExamples } from './examples/operation.ts'
import { runProtocolExamples } from './examples/run-protocol.ts'

/** A valid value of a contract, published as `schemas/examples/<name>.json`. */
export interface Example {
  readonly name: string
  readonly contract: ContractName
  readonly value: object
}

/** At least one per contract of a topic, one per kind of decision. */
export const EXAMPLES: readonly Example[] = [
  ...agentExamples,
  ...decisionExamples,
  ...miningExamples,
  ...operationExamples,
  ...runProtocolExamples,
]
