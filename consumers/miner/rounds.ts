import { diagnoseDue } from './diagnose.ts'
import { change, type Miner } from './miner-services.ts'
import { publishDue, publishRankings } from './publish.ts'
import { recluster } from './recluster.ts'
import { isReclusteringDue } from './recluster-due.ts'
import { settleFixes } from './settle-fixes.ts'

/** Clusters anew every agent with something new whose last clustering is long enough ago. */
export const reclusterDue = async (miner: Miner): Promise<void> => {
  const { clock, configuration } = miner.context
  await settleFixes(miner)
  const due = await change(miner, async (state) => {
    const nowMs = clock.nowMs()
    return [...state.agents.values()]
      .filter((agent) => isReclusteringDue(agent, nowMs, configuration.miner))
      .map(({ agent }) => agent)
  })
  if (due.length === 0) return
  await miner.whileClustering(async () => {
    for (const agent of due) await recluster(miner, agent)
  })
}

/** Publishes the rankings that have waited long enough, or that time has changed. */
export const publishRound = (miner: Miner): Promise<void> =>
  change(miner, async (state) => {
    const agents = [...state.agents.values()]
    // Members may have been stored by a process that died before it published.
    if (miner.takeFresh())
      await publishRankings(
        miner.context,
        state,
        agents.filter(({ window }) => window.counted.size() + window.waiting.size() > 0),
      )
    await publishDue(miner.context, state, agents)
  })

export const diagnoseAll = async (miner: Miner): Promise<void> => {
  const agents = await miner.serial(async () => [...(await miner.state()).agents.keys()])
  for (const agent of agents) await diagnoseDue(miner, agent)
}
