import { InvariantError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import type { Block } from './native/block.ts'
import { blockStreamer, type Streamer } from './native/block-stream.ts'
import { logBlock } from './native/log-block.ts'
import { spanBlock } from './native/span-block.ts'

/** Where the records of a topic go. */
export interface Target {
  readonly table: string
  /** An empty block; one is filled and cleared again and again. */
  readonly openBlock: () => Block
}

const TARGETS = new Map<string, Target>([
  [TOPICS.spans.name, { table: 'otel_traces', openBlock: spanBlock }],
  [TOPICS.logs.name, { table: 'otel_logs', openBlock: logBlock }],
])

/** The topics that the writer reads. */
export const WRITTEN_TOPICS = [...TARGETS.keys()]

export const targetOf = (topic: string): Target => {
  const target = TARGETS.get(topic)
  if (target === undefined)
    throw new InvariantError('invariant-broken', `The writer was given a record of ${topic}.`)
  return target
}

/** The streamer of each topic, made when it is first asked for. */
export const keptStreamers = (): ((topic: string) => Streamer) => {
  const streamers = new Map<string, Streamer>()
  return (topic) => {
    const streamer = streamers.get(topic) ?? blockStreamer(targetOf(topic).openBlock())
    streamers.set(topic, streamer)
    return streamer
  }
}
