import type { ConsumeOptions } from '../event-log.ts'

type Assignment = ReadonlyMap<string, readonly number[]>

/** One generation of the group as this member sees it: from its assignment to the next request to join. */
export interface Generation {
  /** The next offset to deliver, by partition. */
  readonly positions: Map<string, bigint>
  /** The next offset that is committed, by partition, as far as this generation committed. */
  readonly committed: Map<string, bigint>
}

export interface Membership {
  /** null between generations: nothing is owned then. */
  readonly generation: Generation | null
  /** Others join or leave: what is at hand may be finished and committed, nothing new is begun. */
  readonly isRebalancing: boolean
  begin(assignment: Readonly<Record<string, readonly number[]>>): void
  noteRebalance(): void
  /** The ownership ends; `isForGood` where nobody knows what comes next. */
  end(isForGood: boolean): void
}

/** Keeps what is owned, and tells the consumer when that changes. */
export const openMembership = ({
  topics,
  onAssignment,
}: Pick<ConsumeOptions, 'topics' | 'onAssignment'>): Membership => {
  let generation: Generation | null = null
  let isRebalancing = false
  let told = ''
  const tell = (assignment: Readonly<Record<string, readonly number[]>>): void => {
    const owned: Assignment = new Map(
      topics.map((topic) => [topic, [...(assignment[topic] ?? [])].sort((a, b) => a - b)]),
    )
    const telling = JSON.stringify([...owned])
    if (telling === told || (told === '' && isNothing(owned))) return
    told = telling
    onAssignment?.(owned)
  }
  return {
    get generation() {
      return generation
    },
    get isRebalancing() {
      return isRebalancing
    },
    begin: (assignment) => {
      generation = { positions: new Map(), committed: new Map() }
      isRebalancing = false
      tell(assignment)
    },
    noteRebalance: () => {
      isRebalancing = true
    },
    end: (isForGood) => {
      generation = null
      if (isForGood) tell({})
    },
  }
}

const isNothing = (owned: Assignment): boolean =>
  [...owned.values()].every(({ length }) => length === 0)
