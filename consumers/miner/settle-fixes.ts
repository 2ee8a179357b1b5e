import { agentRun } from '../../schemas/agent-run.ts'
import type { EndedFix } from './fixes-under-way.ts'
import { takeIn } from './handle-runs.ts'
import { change, type Miner } from './miner-services.ts'
import { agentStateOf, markChanged } from './miner-state.ts'
import { readNewerRuns } from './miner-store.ts'

/**
 * Applies what was held back while fixes were under way: revisions of runs that are members come from the store, and what
 * waited to join is placed by the next re-clustering. After a restart every fix that has ever ended is looked at again,
 * because what was held back is in nobody's memory.
 */
export const settleFixes = async (miner: Miner): Promise<void> => {
  const { context, fixes } = miner
  for (const [agentName, ended] of Map.groupBy(fixes.ended(), ({ agent }) => agent)) {
    const bodies = await readNewerRuns(
      context.store,
      agentName,
      ended.map(({ clusterId }) => clusterId),
    )
    const runs = bodies.flatMap((body) => {
      const parsed = agentRun.safeParse(JSON.parse(body))
      return parsed.success ? [parsed.data] : []
    })
    await change(miner, async (state) => {
      if (runs.length > 0) await takeIn(miner, state, runs)
      const agent = agentStateOf(state, agentName)
      // What waited may join now, and the lineage may go on.
      agent.drift.strangers++
      markChanged(agent, context.clock.nowMs())
    })
    for (const fix of ended satisfies readonly EndedFix[]) fixes.settled(fix)
  }
}
