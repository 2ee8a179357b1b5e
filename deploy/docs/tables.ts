import { ERRORS } from '../../schemas/errors.ts'
import { TOPICS, type Topic } from '../../schemas/topics.ts'
import { CONTRACTS, type ContractName, contractOf } from './contracts.ts'
import { code, markdownTable } from './markdown.ts'

const topics: readonly Topic[] = Object.values(TOPICS)

/** The topics table of a README; `schemas` is the path from there to the folder of contracts. */
export const topicsTable = (schemas: string): string =>
  markdownTable(
    ['Topic', 'Carries', 'Key', 'Partitions', 'Kept', 'Written by', 'Read by'],
    topics.map((topic) => [
      code(topic.name),
      carries(topic, schemas),
      topic.key,
      String(topic.partitions),
      keptFor(topic.retentionHours),
      topic.producers,
      topic.consumers,
    ]),
  )

const carries = (topic: Topic, schemas: string): string => {
  const name = contractOf(topic.schema)
  return name === undefined ? 'OTLP protobuf' : link(name, schemas)
}

const link = (name: ContractName, schemas: string): string =>
  `[${CONTRACTS[name].title}](${schemas}generated/${name}.schema.json)`

const keptFor = (hours: number | null): string => {
  if (hours === null) return 'for ever'
  return hours % 24 === 0 ? `${hours / 24} days` : `${hours} h`
}

/** Every published contract with its schema, seen from the folder of contracts. */
export const contractsTable = (): string =>
  markdownTable(
    ['Contract', 'What it is', 'Topic'],
    (Object.keys(CONTRACTS) as ContractName[]).map((name) => {
      const topic = topics.find(({ schema }) => contractOf(schema) === name)
      const where = topic === undefined ? '' : code(topic.name)
      return [link(name, ''), CONTRACTS[name].description, where]
    }),
  )

export const errorsTable = (): string =>
  markdownTable(
    ['Code', 'Kind', 'What it means and what to do'],
    Object.entries(ERRORS).map(([name, { kind, text }]) => [code(name), kind, text]),
  )
