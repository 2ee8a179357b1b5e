import { Argument, type Command } from 'commander'
import type { EventLog, TopicState } from '../../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../../pipeline/event-log/open-event-log.ts'
import { LARGEST_RECORD_BYTES } from '../../../pipeline/event-log/record-size.ts'
import { systemClock } from '../../../pipeline/service-runtime/clock.ts'
import type { Configuration } from '../../../pipeline/service-runtime/configuration.ts'
import type { LoadedConfiguration } from '../../../pipeline/service-runtime/load-config.ts'
import { openLogger } from '../../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import { CommandStatus } from '../command-status.ts'
import { print, printJsonArray, tell } from '../output.ts'
import { printTable } from '../print-listing.ts'
import type { Column } from '../text-table.ts'
import { compareTopics, type TopicDifference } from '../topics/compare-topics.ts'

type Act = 'create' | 'check'
type Options = CommonOptions & { readonly json?: true }

const DIFFERENT = 1
const WANTED = Object.values(TOPICS)

const THERE: readonly Column<TopicState>[] = [
  { title: 'TOPIC', value: ({ name }) => name },
  { title: 'PARTITIONS', value: ({ partitions }) => partitions, align: 'right' },
  { title: 'HOURS', value: ({ retentionHours }) => retentionHours ?? 'for ever', align: 'right' },
  { title: 'LARGEST RECORD', value: ({ maxRecordBytes }) => maxRecordBytes, align: 'right' },
]

const DIFFERENCES: readonly Column<TopicDifference>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'DIFFERS IN', value: ({ what }) => what },
  { title: 'WANTED', value: ({ wanted }) => wanted },
  { title: 'FOUND', value: ({ found }) => found },
]

export const topicsCommand = (): Command =>
  newCommand('topics', 'Make the topics of the event log, or say where they differ', [
    'KAFKA_BROKERS=kafka:9092 neosigma topics check',
    'KAFKA_BROKERS=kafka:9092 neosigma topics create',
  ])
    .addArgument(
      new Argument('<act>', 'make what is missing, or only look').choices(['create', 'check']),
    )
    .option('--json', 'one JSON array of the differences on standard output')
    .addHelpText('after', '\nExit code 1: topics are missing or differ; they are left as they are.')
    .action((act: Act, options: Options) =>
      withLog(load(options), async (log) => {
        if (act === 'create') await log.createTopics(WANTED)
        const found = await log.describeTopics(WANTED.map(({ name }) => name))
        const differences = compareTopics(WANTED, found, LARGEST_RECORD_BYTES)
        if (options.json) await printJsonArray(each(differences))
        else await printBoth(found, differences)
        if (differences.length > 0) throw new CommandStatus(DIFFERENT)
      }),
    )

const printBoth = async (
  found: readonly TopicState[],
  differences: readonly TopicDifference[],
): Promise<void> => {
  await printTable(THERE, each(found), 'No topic is there.')
  if (differences.length === 0) return tell('All topics are as they should be.')
  await print('\n')
  await printTable(DIFFERENCES, each(differences), '')
}

/** Whoever asks for topics to be made means it, whatever the services are told. */
const withLog = async (
  { configuration, secrets }: LoadedConfiguration,
  use: (log: EventLog) => Promise<void>,
): Promise<void> => {
  const metrics = openMetrics()
  const services = { clock: systemClock, logger: openLogger(configuration), metrics }
  const log = await openEventLog(allowedToCreate(configuration), secrets, services)
  try {
    await use(log)
  } finally {
    await log.close()
    await metrics.close()
  }
}

const allowedToCreate = ({ eventLog, ...rest }: Configuration): Configuration => ({
  ...rest,
  eventLog: eventLog.driver === 'kafka' ? { ...eventLog, createTopics: true } : eventLog,
})

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}
