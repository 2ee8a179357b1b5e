import { charge } from '../../otlp/codec.ts'
import {
  enter,
  leave,
  passDelimited,
  readTag,
  readUint32,
  skipField,
  type WireReader,
} from '../../otlp/wire-reader.ts'
import { type CodedColumn, type HeldMap, heldMap } from './columns.ts'
import { beginMap, endMap, endOfText, lengthOfText, type MapRow, mapRow } from './map-row.ts'
import { putAttribute, skipUnknown } from './put-attribute.ts'

/** A text within the bytes that are read. */
export interface Range {
  start: number
  length: number
}

/** What the rows of one resource and scope repeat. */
export interface Group {
  readonly resource: HeldMap
  readonly scope: HeldMap
  readonly resourceRow: MapRow
  readonly scopeRow: MapRow
  readonly resourceSchema: Range
  readonly scopeSchema: Range
  readonly scopeName: Range
  readonly scopeVersion: Range
  /** Why resource or scope are NeoSigma's own. */
  resourceOrigin: string | null
  scopeOrigin: string | null
  /** `service.name` within the values of the resource. */
  readonly service: Range
}

const range = (): Range => ({ start: 0, length: 0 })

/** The held maps share the numbers of their columns' keys. */
export const openGroup = (resourceKeys: CodedColumn, scopeKeys: CodedColumn): Group => {
  const [resource, scope] = [heldMap(), heldMap()]
  return {
    resource,
    scope,
    resourceRow: mapRow(resourceKeys.dictionary, resource.indexes, resource.values),
    scopeRow: mapRow(scopeKeys.dictionary, scope.indexes, scope.values),
    resourceSchema: range(),
    scopeSchema: range(),
    scopeName: range(),
    scopeVersion: range(),
    resourceOrigin: null,
    scopeOrigin: null,
    service: range(),
  }
}

const GROUP_TAG = 10
const OWNER = 10
const CHILD = 18
const SCHEMA = 26
const LAST_FIELD = 3
const PROPERTIES = 3

/**
 * Reads an export request of spans or of log records, which have the same three levels, and calls `item` where an item
 * follows. What is repeated may come after the items on the wire: each level is read twice, the items in the second turn.
 * @throws InvalidInputError `payload-malformed`
 */
export const readGroups = (reader: WireReader, group: Group, item: () => void): void => {
  charge(reader, 1)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === GROUP_TAG) readResourceGroup(reader, group, item)
    else skipUnknown(reader, tag, 1)
  }
}

const readResourceGroup = (reader: WireReader, group: Group, item: () => void): void => {
  resetMap(group.resource)
  group.resourceOrigin = null
  group.resourceSchema.length = 0
  group.service.length = 0
  readLevel(reader, {
    owner: () => {
      group.resourceOrigin = readResource(reader, group)
      findService(group)
    },
    schema: group.resourceSchema,
    child: () => readScopeGroup(reader, group, item),
  })
}

const readScopeGroup = (reader: WireReader, group: Group, item: () => void): void => {
  resetMap(group.scope)
  group.scopeOrigin = null
  group.scopeSchema.length = 0
  group.scopeName.length = 0
  group.scopeVersion.length = 0
  readLevel(reader, {
    owner: () => {
      group.scopeOrigin = readScope(reader, group)
    },
    schema: group.scopeSchema,
    child: item,
  })
}

interface Level {
  readonly owner: () => void
  readonly schema: Range
  readonly child: () => void
}

const readLevel = (reader: WireReader, { owner, schema, child }: Level): void => {
  charge(reader, PROPERTIES)
  const outer = enter(reader)
  const start = reader.position
  let firstChild = reader.end
  while (reader.position < reader.end) {
    const place = reader.position
    const tag = readTag(reader)
    if (tag === OWNER) owner()
    else if (tag === SCHEMA) readRange(reader, schema)
    else if (tag === CHILD) {
      if (place < firstChild) firstChild = place
      passDelimited(reader)
    } else skipUnknown(reader, tag, LAST_FIELD)
  }
  reader.position = Math.max(start, firstChild)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === CHILD) child()
    else skipField(reader, tag & 7)
  }
  leave(reader, outer)
}

export const readRange = (reader: WireReader, range: Range): void => {
  range.length = passDelimited(reader)
  range.start = reader.position - range.length
}

const resetMap = ({ indexes, values }: HeldMap): void => {
  indexes.length = 0
  values.length = 0
}

const ATTRIBUTES_OF_RESOURCE = 10
const RESOURCE_DROPPED = 16

const readResource = (reader: WireReader, { resource, resourceRow }: Group): string | null => {
  charge(reader, 2)
  resetMap(resource)
  const outer = enter(reader)
  let origin: string | null = null
  beginMap(resourceRow)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === ATTRIBUTES_OF_RESOURCE) {
      const mark = putAttribute(resourceRow, reader)
      origin ??= mark
    } else if (tag === RESOURCE_DROPPED) readUint32(reader)
    else skipUnknown(reader, tag, 2)
  }
  endMap(resourceRow)
  leave(reader, outer)
  return origin
}

const SCOPE = { name: 10, version: 18, attributes: 26, dropped: 32, last: 4 } as const

const readScope = (reader: WireReader, group: Group): string | null => {
  charge(reader, SCOPE.last)
  resetMap(group.scope)
  group.scopeName.length = 0
  group.scopeVersion.length = 0
  const outer = enter(reader)
  let origin: string | null = null
  beginMap(group.scopeRow)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === SCOPE.attributes) {
      const mark = putAttribute(group.scopeRow, reader)
      origin ??= mark
    } else if (tag === SCOPE.name) readRange(reader, group.scopeName)
    else if (tag === SCOPE.version) readRange(reader, group.scopeVersion)
    else if (tag === SCOPE.dropped) readUint32(reader)
    else skipUnknown(reader, tag, SCOPE.last)
  }
  endMap(group.scopeRow)
  leave(reader, outer)
  return origin
}

const SERVICE_NAME = 'service.name'

const findService = ({ resource, resourceRow, service }: Group): void => {
  service.length = 0
  let start = 0
  for (let i = 0; i < resource.indexes.length; i += 1) {
    const isService = resourceRow.dictionary.textOf(resource.indexes.words[i] ?? 0) === SERVICE_NAME
    const end = endOfText(resource.values.bytes, start)
    if (isService) {
      service.length = lengthOfText(resource.values.bytes, start)
      service.start = end - service.length
      return
    }
    start = end
  }
}
