import { InvalidInputError } from '../../schemas/errors.ts'

/** What of one request goes to the log: the spans or log records of one trace. */
export interface TraceRecord {
  /** The trace id; null for log records outside a trace, which stay together. */
  readonly key: string | null
  /** An export request in protobuf. */
  readonly value: Uint8Array
  readonly items: number
}

/** Bytes of the request. */
export interface Slice {
  readonly start: number
  readonly end: number
}

/** A resource or a scope: its fields but for what stands below it. */
export interface Head {
  readonly fields: readonly Slice[]
  readonly bytes: number
}

/** A span or log record as it came, with its tag and length, under its resource and scope. */
export interface Entry extends Slice {
  readonly resource: Head
  readonly scope: Head
}

/** A trace of more bytes is cut into several records: Kafka's default limit is 1 MiB, and readers expect pieces. */
const RECORD_BYTES = 512 * 1024

const RESOURCE_TAG = 10
const SCOPE_TAG = 18

/**
 * The records of each trace, each item under its own resource and scope, in the order of the request. What is too long
 * is halved until it fits or is a single item.
 * @throws InvalidInputError `payload-too-large` where the records would hold more than `mostBytes`
 */
export const cutRecords = (
  request: Buffer,
  traces: ReadonlyMap<string, readonly Entry[]>,
  mostBytes: number,
): readonly TraceRecord[] => {
  const plans: Plan[] = []
  let bytes = 0
  const cut = (key: string | null, entries: readonly Entry[]): void => {
    const groups = groupsOf(entries)
    const length = lengthOf(groups)
    if (length > RECORD_BYTES && entries.length > 1) {
      const middle = Math.ceil(entries.length / 2)
      cut(key, entries.slice(0, middle))
      cut(key, entries.slice(middle))
      return
    }
    bytes += length
    if (bytes > mostBytes)
      throw new InvalidInputError(
        'payload-too-large',
        `every trace repeats its resource: together more than ${mostBytes} bytes`,
      )
    plans.push({ key, groups, length, items: entries.length })
  }
  for (const [traceId, entries] of traces) cut(traceId === '' ? null : traceId, entries)
  // One piece of memory for all records of a request: they come and go together.
  const writer = { target: Buffer.allocUnsafeSlow(bytes), position: 0 }
  return plans.map(({ key, groups, length, items }) => {
    const start = writer.position
    writeGroups(writer, request, groups)
    return { key, value: writer.target.subarray(start, start + length), items }
  })
}

interface ScopeGroup {
  readonly head: Head
  readonly entries: Slice[]
  bytes: number
}

interface ResourceGroup {
  readonly head: Head
  readonly scopes: ScopeGroup[]
  bytes: number
}

interface Plan {
  readonly key: string | null
  readonly groups: readonly ResourceGroup[]
  readonly length: number
  readonly items: number
}

/** Entries come in the order of the request, so those of one resource and scope stand together. */
const groupsOf = (entries: readonly Entry[]): readonly ResourceGroup[] => {
  const groups: ResourceGroup[] = []
  for (const entry of entries) {
    let group = groups.at(-1)
    if (group?.head !== entry.resource) {
      group = { head: entry.resource, scopes: [], bytes: entry.resource.bytes }
      groups.push(group)
    }
    let inner = group.scopes.at(-1)
    if (inner?.head !== entry.scope) {
      inner = { head: entry.scope, entries: [], bytes: entry.scope.bytes }
      group.scopes.push(inner)
    }
    inner.entries.push(entry)
    inner.bytes += entry.end - entry.start
  }
  for (const group of groups)
    for (const { bytes } of group.scopes) group.bytes += 1 + varintBytes(bytes) + bytes
  return groups
}

const lengthOf = (groups: readonly ResourceGroup[]): number =>
  groups.reduce((sum, { bytes }) => sum + 1 + varintBytes(bytes) + bytes, 0)

interface Writer {
  readonly target: Buffer
  position: number
}

const writeGroups = (writer: Writer, request: Buffer, groups: readonly ResourceGroup[]): void => {
  for (const { head, scopes, bytes } of groups) {
    writeLength(writer, RESOURCE_TAG, bytes)
    copy(writer, request, head.fields)
    for (const scope of scopes) {
      writeLength(writer, SCOPE_TAG, scope.bytes)
      copy(writer, request, scope.head.fields)
      copy(writer, request, scope.entries)
    }
  }
}

const writeLength = (writer: Writer, tag: number, length: number): void => {
  const { target } = writer
  target[writer.position++] = tag
  let rest = length
  for (; rest > 0x7f; rest >>>= 7) target[writer.position++] = (rest & 0x7f) | 0x80
  target[writer.position++] = rest
}

const copy = (writer: Writer, request: Buffer, slices: readonly Slice[]): void => {
  for (const { start, end } of slices) {
    request.copy(writer.target, writer.position, start, end)
    writer.position += end - start
  }
}

const varintBytes = (value: number): number => {
  let count = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) count += 1
  return count
}
