import type { CycleEvent } from '../../schemas/cycle-event.ts'

/** Which clusters a fix is under way for, by what the controller says of its cycles. */
export interface FixesUnderWay {
  readonly see: (event: CycleEvent) => void
  readonly frozenOf: (agent: string) => ReadonlySet<string>
  /** Clusters whose fixes have ended, to be looked at once: what was held back for them is applied then. */
  readonly ended: () => readonly EndedFix[]
  readonly settled: (fix: EndedFix) => void
}

export interface EndedFix {
  readonly agent: string
  readonly clusterId: string
}

const NONE: ReadonlySet<string> = new Set()

export const fixesUnderWay = (): FixesUnderWay => {
  const cycles = new Map<string, EndedFix>()
  const frozen = new Map<string, Set<string>>()
  const ended = new Map<string, EndedFix>()
  const nameOf = ({ agent, clusterId }: EndedFix): string => JSON.stringify([agent, clusterId])
  const freeze = (agent: string): void => {
    const ids = [...cycles.values()].filter((one) => one.agent === agent)
    frozen.set(agent, new Set(ids.map(({ clusterId }) => clusterId)))
  }
  return {
    see: (event) => {
      const { agent, cycleId } = event
      if (event.type === 'cycle-started') {
        const fix = { agent, clusterId: event.cluster.id }
        cycles.set(cycleId, fix)
        ended.delete(nameOf(fix))
        freeze(agent)
      } else if (event.type === 'cycle-finished') {
        const fix = cycles.get(cycleId)
        if (fix === undefined) return
        cycles.delete(cycleId)
        ended.set(nameOf(fix), fix)
        freeze(agent)
      }
    },
    frozenOf: (agent) => frozen.get(agent) ?? NONE,
    ended: () =>
      [...ended.values()].filter(
        ({ agent, clusterId }) => !(frozen.get(agent) ?? NONE).has(clusterId),
      ),
    settled: (fix) => {
      ended.delete(nameOf(fix))
    },
  }
}
