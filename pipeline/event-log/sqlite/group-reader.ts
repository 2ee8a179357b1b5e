import type { ConsumeOptions, StoredRecord } from '../event-log.ts'
import type { GroupTable, OwnedPartition } from './group-table.ts'
import type { Leases, Membership } from './leases.ts'
import type { PartitionReader } from './read-records.ts'
import type { StoredTopic } from './topic-table.ts'

/** How often a member looks at its group when nothing else happens: how soon it sees that another one ended. */
export const CHECK_MS = 1000
const MAX_RECORDS = 500
const MAX_BYTES = 4 * 1024 * 1024

export interface ReaderParts {
  readonly groups: GroupTable
  readonly leases: Leases
  readonly reader: PartitionReader
}

export interface OwnedRecords {
  readonly topic: string
  readonly partition: number
  readonly owned: OwnedPartition
  readonly memberId: number
  readonly records: readonly StoredRecord[]
}

interface Place {
  readonly topic: string
  readonly partition: number
  owned: OwnedPartition
  /** Next offset to deliver. */
  position: number
}

/** One membership of a group: what it owns, how far it has read, and the next records to deliver. */
export class GroupReader {
  readonly #parts: ReaderParts
  readonly #topics: readonly StoredTopic[]
  readonly #options: ConsumeOptions
  #membership: Membership
  #checkedMs = 0
  #places = new Map<number, Place>()
  #ends: ReadonlyMap<number, number> = new Map()

  constructor(parts: ReaderParts, topics: readonly StoredTopic[], options: ConsumeOptions) {
    this.#parts = parts
    this.#topics = topics
    this.#options = options
    this.#membership = this.#join()
  }

  get millisecondsToCheck(): number {
    return Math.max(0, this.#checkedMs + CHECK_MS - Date.now())
  }

  /** Looks at the group at most once in CHECK_MS; a member that the others gave up joins anew. */
  check(): void {
    if (this.millisecondsToCheck > 0) return
    this.#checkedMs = Date.now()
    const { group } = this.#options
    const owned = this.#parts.groups.rebalance(group, this.#membership.memberId, this.#checkedMs)
    if (owned === null) {
      this.#membership.leave()
      this.#membership = this.#join()
      this.#checkedMs = 0
      this.#own([])
    } else this.#own(owned)
  }

  /** Records of the next owned partition that has some, in turn; null when all are read. */
  next(): OwnedRecords | null {
    const found = this.#read()
    if (found !== null) return found
    this.#ends = this.#parts.reader.endsOf(this.#topics)
    return this.#read()
  }

  leave(): void {
    this.#membership.leave()
    this.#own([])
  }

  #join(): Membership {
    const { group, from = 'earliest' } = this.#options
    return this.#parts.leases.join({ group, topics: this.#topics, from })
  }

  #own(owned: readonly OwnedPartition[]): void {
    const before = this.#places
    const isSame = (now: OwnedPartition): boolean =>
      before.get(now.partitionId)?.owned.epoch === now.epoch
    if (owned.length === before.size && owned.every(isSame)) return
    this.#places = new Map(
      owned.map((now) => {
        const place = before.get(now.partitionId)
        return [now.partitionId, place !== undefined && isSame(now) ? place : this.#placeOf(now)]
      }),
    )
    const numbersOf = ({ name }: StoredTopic): readonly number[] =>
      [...this.#places.values()]
        .filter(({ topic }) => topic === name)
        .map(({ partition }) => partition)
    this.#options.onAssignment?.(
      new Map(this.#topics.map((topic) => [topic.name, numbersOf(topic)])),
    )
  }

  #placeOf(owned: OwnedPartition): Place {
    const topic = this.#topics.find(({ partitionIds }) => partitionIds.includes(owned.partitionId))
    return {
      topic: topic?.name ?? '',
      partition: topic?.partitionIds.indexOf(owned.partitionId) ?? 0,
      owned,
      position: owned.committed ?? 0,
    }
  }

  #read(): OwnedRecords | null {
    const { maxRecords = MAX_RECORDS, maxBytes = MAX_BYTES } = this.#options
    for (const [partitionId, place] of this.#places) {
      const { topic, partition, owned, position } = place
      const endOffset = this.#ends.get(partitionId) ?? 0
      if (position >= endOffset) continue
      const records = this.#parts.reader.read({
        ...{ topic, partition, partitionId, endOffset, maxRecords, maxBytes },
        fromOffset: position,
      })
      const last = records.at(-1)
      place.position = last === undefined ? endOffset : Number(last.offset) + 1
      if (last === undefined) continue
      // To the end of the queue, so that a busy partition does not keep the others waiting.
      this.#places.delete(partitionId)
      this.#places.set(partitionId, place)
      return { topic, partition, owned, records, memberId: this.#membership.memberId }
    }
    return null
  }
}
