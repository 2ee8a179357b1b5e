import { InvalidInputError } from '../../schemas/errors.ts'

/** What of one request goes to the log: the spans or log records of one trace. */
export interface TraceRecord {
  /** The trace id; null for log records outside a trace, which stay together. */
  readonly key: string | null
  /** An export request in protobuf. */
  readonly value: Uint8Array
  readonly items: number
}

/** A resource or a scope: the bytes of its fields but for what stands below it. */
export interface Head {
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
}

/** A span or log record as it came, with its tag and length, under its resource and scope. */
export interface Entry {
  readonly resource: Head
  readonly scope: Head
  readonly field: Uint8Array
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
  traces: ReadonlyMap<string, readonly Entry[]>,
  mostBytes: number,
): readonly TraceRecord[] => {
  const records: TraceRecord[] = []
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
    records.push({ key, value: written(groups, length), items: entries.length })
  }
  for (const [traceId, entries] of traces) cut(traceId === '' ? null : traceId, entries)
  return records
}

interface ScopeGroup {
  readonly head: Head
  readonly fields: Uint8Array[]
  bytes: number
}

interface ResourceGroup {
  readonly head: Head
  readonly scopes: ScopeGroup[]
  bytes: number
}

/** Entries come in the order of the request, so those of one resource and scope stand together. */
const groupsOf = (entries: readonly Entry[]): readonly ResourceGroup[] => {
  const groups: ResourceGroup[] = []
  for (const { resource, scope, field } of entries) {
    let group = groups.at(-1)
    if (group?.head !== resource) {
      group = { head: resource, scopes: [], bytes: resource.bytes }
      groups.push(group)
    }
    let inner = group.scopes.at(-1)
    if (inner?.head !== scope) {
      inner = { head: scope, fields: [], bytes: scope.bytes }
      group.scopes.push(inner)
    }
    inner.fields.push(field)
    inner.bytes += field.length
  }
  for (const group of groups)
    for (const { bytes } of group.scopes) group.bytes += 1 + varintBytes(bytes) + bytes
  return groups
}

const lengthOf = (groups: readonly ResourceGroup[]): number =>
  groups.reduce((sum, { bytes }) => sum + 1 + varintBytes(bytes) + bytes, 0)

const written = (groups: readonly ResourceGroup[], length: number): Uint8Array => {
  const target = Buffer.allocUnsafeSlow(length)
  let at = 0
  const begin = (tag: number, bytes: number): void => {
    target[at++] = tag
    let rest = bytes
    for (; rest > 0x7f; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80
    target[at++] = rest
  }
  const put = (part: Uint8Array): void => {
    target.set(part, at)
    at += part.length
  }
  for (const group of groups) {
    begin(RESOURCE_TAG, group.bytes)
    for (const part of group.head.parts) put(part)
    for (const scope of group.scopes) {
      begin(SCOPE_TAG, scope.bytes)
      for (const part of scope.head.parts) put(part)
      for (const field of scope.fields) put(field)
    }
  }
  return target
}

const varintBytes = (value: number): number => {
  let count = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) count += 1
  return count
}
