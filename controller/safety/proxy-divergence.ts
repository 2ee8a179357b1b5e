import type { Evidence } from '../../schemas/evidence.ts'

/** How a metric comes about: proxies can be pleased without anything being better. */
export type MetricOrigin = 'proxy' | 'ground-truth'

/**
 * Does a gain rest on proxies alone? Judged and implicit signals (people also accept out of convenience) may rise only together with
 * an explicit, downstream or programmatic metric, or the anchor. Answers the reasons to block; empty where a ground truth rose as
 * well, or where no proxy claims a gain. A ground truth that fell while a proxy rose is named apart: the plainest sign of all.
 */
export const proxyDivergence = (
  evidence: readonly Evidence[],
  originOf: (metric: string) => MetricOrigin,
): readonly string[] => {
  const proxies = evidence.filter(
    ({ metric, role }) => role !== 'anchor' && originOf(metric) === 'proxy',
  )
  const truths = evidence.filter(
    ({ metric, role }) => role === 'anchor' || originOf(metric) === 'ground-truth',
  )
  const gained = proxies.filter(({ verdict }) => verdict === 'superior')
  if (gained.length === 0) return []
  const fallen = truths.filter(({ effect }) => effect !== null && effect < 0)
  const names = gained.map(({ metric }) => metric).join(', ')
  return [
    ...(truths.some(({ verdict }) => verdict === 'superior')
      ? []
      : [
          `proxy-divergence: ${names} rose, and no explicit, downstream, programmatic or anchor metric did`,
        ]),
    ...(fallen.length === 0
      ? []
      : [
          `proxy-divergence: ${names} rose while ${fallen.map(({ metric }) => metric).join(', ')} fell`,
        ]),
  ]
}
