import { diagnoseDue } from './diagnose.ts'
import { change, type Miner } from './miner-services.ts'
import { publishRankings } from './publish.ts'
import { recluster } from './recluster.ts'

/** Clusters anew every agent with something new whose last clustering is long enough ago. */
export const reclusterDue = async (miner: Miner): Promise<void> => {
  const { clock, configuration } = miner.context
  const due = await change(miner, async (state) => {
    const nowMs = clock.nowMs()
    // Members may have been stored by a process that died before it published.
    if (miner.takeFresh())
      await publishRankings(
        miner.context,
        [...state.agents.values()].filter(({ members }) => members.size > 0),
      )
    return [...state.agents.values()]
      .filter(
        ({ dirty, reclusteredAtMs }) =>
          dirty && nowMs - reclusteredAtMs >= configuration.miner.reclusterMs,
      )
      .map(({ agent }) => agent)
  })
  if (due.length === 0) return
  await miner.whileClustering(async () => {
    for (const agent of due) await recluster(miner, agent)
  })
}

export const diagnoseAll = async (miner: Miner): Promise<void> => {
  const agents = await miner.serial(async () => [...(await miner.state()).agents.keys()])
  for (const agent of agents) await diagnoseDue(miner, agent)
}
