import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventLog } from '../../../pipeline/event-log/event-log.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { aRequestOf, SPANS_PER_TRACE } from './gen-ai-spans.ts'

interface Filling {
  readonly spans: number
  readonly textLength: number
  /** For the Collector that waits: with one trace a record it stores a few hundred spans a second. */
  readonly withLargeRecords: boolean
}

export const LARGE_RECORDS = 'otlp_spans_large_records'
const TRACES_PER_LARGE_RECORD = 50
const APPENDED_TOGETHER = 200
const MARKER = 'filled.json'

/**
 * One trace a record, as the receiver and the gateway write them, and the same spans in large records. Answers the bytes
 * of a span. A folder of a broker that was filled before is left as it is. @throws where it holds something else
 */
export const fillTopics = async (
  log: EventLog,
  filling: Filling,
  folder: string,
): Promise<number> => {
  const marker = join(folder, MARKER)
  if (existsSync(marker)) {
    const { held, spanBytes } = JSON.parse(readFileSync(marker, 'utf8'))
    if (holds(held, filling)) return spanBytes
    throw new Error(`${folder} holds ${JSON.stringify(held)}, not ${JSON.stringify(filling)}`)
  }
  const bytes = await fillTopic(log, filling, TOPICS.spans.name, 1)
  if (filling.withLargeRecords)
    await fillTopic(log, filling, LARGE_RECORDS, TRACES_PER_LARGE_RECORD)
  const spanBytes = Math.round(bytes / filling.spans)
  writeFileSync(marker, JSON.stringify({ held: filling, spanBytes }))
  return spanBytes
}

const holds = (held: Filling, wanted: Filling): boolean =>
  held.spans === wanted.spans &&
  held.textLength === wanted.textLength &&
  (held.withLargeRecords || !wanted.withLargeRecords)

const fillTopic = async (
  log: EventLog,
  { spans, textLength }: Filling,
  topic: string,
  perRecord: number,
): Promise<number> => {
  const traces = spans / SPANS_PER_TRACE
  const step = perRecord === 1 ? APPENDED_TOGETHER : 1
  let bytes = 0
  for (let first = 0; first < traces; first += step * perRecord) {
    const records = Array.from({ length: step }, (_, i) => {
      const trace = first + i * perRecord
      const value = aRequestOf(trace, perRecord, textLength)
      bytes += value.length
      return { topic, key: `${trace}`, value }
    })
    await log.append(records)
  }
  return bytes
}
