import type { z } from 'zod'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { agentConfig, configPatch } from '../../schemas/agent-config.ts'
import { agentRun } from '../../schemas/agent-run.ts'
import { clusterEvent, clusterRanking } from '../../schemas/cluster.ts'
import { cycleEvent } from '../../schemas/cycle-event.ts'
import { deploymentDecision } from '../../schemas/decision.ts'
import { evaluation } from '../../schemas/evaluation.ts'
import { attempt, auditEntry, command, deadLetter } from '../../schemas/operation-events.ts'
import { policy } from '../../schemas/policy.ts'
import { runRequest, runResponse } from '../../schemas/run-protocol.ts'
import { signal } from '../../schemas/signal.ts'
import { testSuite } from '../../schemas/task.ts'

export interface Contract {
  readonly title: string
  readonly description: string
  readonly schema: z.ZodType
}

/** Every contract that is published as JSON Schema, by the name of its file. */
export const CONTRACTS = {
  'agent-config': {
    title: 'AgentConfig',
    description: 'What the loop may change of an agent, content-addressed by its digest.',
    schema: agentConfig,
  },
  'agent-run': {
    title: 'AgentRun',
    description: 'One execution of an agent: one trace, normalised, scored and labelled.',
    schema: agentRun,
  },
  attempt: {
    title: 'Attempt',
    description: 'A note of a consumer about the records that it has in hand.',
    schema: attempt,
  },
  'audit-entry': {
    title: 'AuditEntry',
    description: 'Who did what through the API or the command line.',
    schema: auditEntry,
  },
  'cluster-event': {
    title: 'ClusterEvent',
    description: 'What became of a cluster at a re-clustering.',
    schema: clusterEvent,
  },
  'cluster-ranking': {
    title: 'ClusterRanking',
    description: 'The ranked clusters of one agent: the newest record is the state.',
    schema: clusterRanking,
  },
  command: {
    title: 'Command',
    description: 'What people ask of the controller: a review or a roll-back.',
    schema: command,
  },
  'config-patch': {
    title: 'ConfigPatch',
    description: 'A change of an AgentConfig: RFC 6902 without move and copy.',
    schema: configPatch,
  },
  configuration: {
    title: 'Configuration',
    description: 'The file neosigma.config.jsonc.',
    schema: configuration,
  },
  'cycle-event': {
    title: 'CycleEvent',
    description: 'One step of an improvement cycle; their fold is its state.',
    schema: cycleEvent,
  },
  'dead-letter': {
    title: 'DeadLetter',
    description: 'A record that could not be processed, with the reason and its bytes.',
    schema: deadLetter,
  },
  'deployment-decision': {
    title: 'DeploymentDecision',
    description: 'What is to run from now on, and why. Downstream services subscribe to it.',
    schema: deploymentDecision,
  },
  evaluation: {
    title: 'Evaluation',
    description: 'One entry of the append-only evaluation ledger.',
    schema: evaluation,
  },
  policy: {
    title: 'Policy',
    description: "What an agent's owner allows the loop to do.",
    schema: policy,
  },
  'run-request': {
    title: 'RunRequest',
    description: 'What the agent under improvement is asked, neosigma.run/1.',
    schema: runRequest,
  },
  'run-response': {
    title: 'RunResponse',
    description: 'What the agent under improvement answers, neosigma.run/1.',
    schema: runResponse,
  },
  signal: {
    title: 'Signal',
    description: 'One piece of feedback on a run, from whatever source.',
    schema: signal,
  },
  'test-suite': {
    title: 'TestSuite',
    description: 'The tasks that an agent is tested on, neosigma.suite/1.',
    schema: testSuite,
  },
} as const satisfies Record<string, Contract>

export type ContractName = keyof typeof CONTRACTS

/** The contract of a topic's events; undefined where the topic carries OTLP. */
export const contractOf = (schema: z.ZodType | null): ContractName | undefined =>
  (Object.keys(CONTRACTS) as ContractName[]).find((name) => CONTRACTS[name].schema === schema)
