import { type FailureCounts, failureWindow } from './failure-window.ts'
import { priorityScore, rankKey, recencyOf } from './priority-score.ts'

export interface RankedFigures {
  readonly rank: number
  readonly failures: number
  readonly meanScore: number
  readonly hoursSinceLatest: number
  readonly recency: number
  readonly priority: number
}

export interface RankingTime {
  readonly asOfMs: number
  readonly halfLifeHours: number
}

/**
 * Clusters in order of priority as of a time, each with its factors. Clusters without failures are none. Equal
 * priorities (also those that have faded below the smallest number) follow `rankKey`, then the id.
 */
export const rankClusters = <
  Cluster extends { readonly id: string; readonly counts: FailureCounts },
>(
  clusters: readonly Cluster[],
  { asOfMs, halfLifeHours }: RankingTime,
): readonly (Cluster & RankedFigures)[] =>
  clusters
    .filter(({ counts }) => counts.count > 0)
    .map((cluster) => {
      const figures = failureWindow.result(cluster.counts, asOfMs)
      const recency = recencyOf(figures.hoursSinceLatest, halfLifeHours)
      const priority = priorityScore({ ...figures, recency })
      const key = rankKey({ ...figures, latestMs: cluster.counts.latestMs }, halfLifeHours)
      return { entry: { ...cluster, ...figures, recency, priority }, key }
    })
    .sort(
      (a, b) =>
        b.entry.priority - a.entry.priority ||
        compareKeys(b.key, a.key) ||
        (a.entry.id < b.entry.id ? -1 : 1),
    )
    .map(({ entry }, place) => ({ ...entry, rank: place + 1 }))

/** As a difference, but −∞ equals −∞. */
const compareKeys = (a: number, b: number): number => (a === b ? 0 : a - b)
