import type { TopicSpec, TopicState } from '../../../pipeline/event-log/event-log.ts'

export interface TopicDifference {
  readonly topic: string
  readonly what: 'topic' | 'partitions' | 'retention' | 'compaction' | 'record size'
  readonly wanted: string
  readonly found: string
}

/** Where the topics that are there differ from those that NeoSigma needs, in the order of the table. */
export const compareTopics = (
  wanted: readonly TopicSpec[],
  found: readonly TopicState[],
  largestRecordBytes: number,
): readonly TopicDifference[] => {
  const states = new Map(found.map((state) => [state.name, state]))
  return wanted.flatMap((spec) => {
    const state = states.get(spec.name)
    return state === undefined
      ? [{ topic: spec.name, what: 'topic', wanted: describe(spec), found: 'missing' } as const]
      : differencesOf(spec, state, largestRecordBytes)
  })
}

const differencesOf = (
  spec: TopicSpec,
  state: TopicState,
  largestRecordBytes: number,
): readonly TopicDifference[] => {
  const topic = spec.name
  const differences: TopicDifference[] = []
  const note = (what: TopicDifference['what'], wanted: string, found: string): void => {
    if (wanted !== found) differences.push({ topic, what, wanted, found })
  }
  note('partitions', String(spec.partitions), String(state.partitions))
  note('retention', inHours(spec.retentionHours), inHours(state.retentionHours))
  note('compaction', 'off', state.isCompacted ? 'on' : 'off')
  // A topic may take more than is needed. What nobody may read (NaN) is a difference.
  if (!(state.maxRecordBytes >= largestRecordBytes))
    note('record size', `${largestRecordBytes} bytes`, `${state.maxRecordBytes} bytes`)
  return differences
}

const describe = ({ partitions, retentionHours }: TopicSpec): string =>
  `${partitions} partitions, kept ${inHours(retentionHours)}`

const inHours = (hours: number | null): string => (hours === null ? 'for ever' : `${hours} h`)
