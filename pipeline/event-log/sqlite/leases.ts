import type { Logger } from 'pino'
import type { GroupTable, NewMember } from './group-table.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

/** How long a member is missed before others take its partitions, where nobody can see that its process ended. */
const LEASE_MS = 10_000
const RENEW_MS = 3_000

/** A membership of a group in this process. */
export interface Membership {
  readonly memberId: number
  leave(): void
}

export interface Leases {
  join(member: Omit<NewMember, 'leaseUntilMs'>): Membership
  /** Prolongs every lease of this process now, unless that was done within the last second. */
  renew(): void
  /** Leaves every group. */
  close(): void
}

/**
 * Holds the memberships of this process by one timer and one small write, whatever number of groups it is in, so that
 * long work keeps its partitions without doing anything. Leases are about processes: they follow the system's time, not
 * the clock that roles are given.
 */
export const openLeases = (groups: GroupTable, logger: Logger): Leases => {
  const held = new Set<number>()
  let renewedMs = 0
  let timer: NodeJS.Timeout | null = null

  const renew = (): void => {
    if (held.size === 0) return
    renewedMs = Date.now()
    try {
      groups.renew([...held], renewedMs + LEASE_MS)
    } catch (error) {
      logger.warn({ err: translateSqliteError(error) }, 'leases of the event log are not renewed')
    }
  }
  const leave = (memberId: number): void => {
    if (!held.delete(memberId)) return
    if (held.size === 0 && timer !== null) {
      clearInterval(timer)
      timer = null
    }
    groups.leave(memberId)
  }

  return {
    join: (member) => {
      const memberId = groups.join({ ...member, leaseUntilMs: Date.now() + LEASE_MS })
      held.add(memberId)
      timer ??= setInterval(renew, RENEW_MS)
      return { memberId, leave: () => leave(memberId) }
    },
    renew: () => {
      if (Date.now() - renewedMs >= 1000) renew()
    },
    close: () => {
      for (const memberId of [...held]) leave(memberId)
    },
  }
}
