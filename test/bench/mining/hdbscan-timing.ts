/** Seconds, the best of several runs; negative where it was stopped after so many, null where it failed. */
export interface Timing {
  readonly n: number
  readonly d: number
  readonly own: number
  /** The first run, before the engine has compiled what it runs. */
  readonly first: number
  readonly brute?: number | null
  readonly default?: number | null
  readonly fast_hdbscan?: number | null
}

const seconds = (value: number | null | undefined): string => {
  if (value === undefined) return '–'
  if (value === null) return 'failed'
  return value < 0 ? `> ${-value}` : value.toFixed(3)
}

/** Side by side in one run, and our share of scikit-learn's best. */
export const timingTable = (timings: readonly Timing[]): string => {
  const rows = timings.map((timing) => {
    const known = [timing.brute, timing.default].filter((value) => typeof value === 'number')
    // What was stopped took longer than that, so that the share is smaller.
    const best = Math.min(...known.map(Math.abs))
    const isBound = known.length > 0 && known.every((value) => value < 0)
    const share =
      known.length === 0 ? '–' : `${isBound ? '< ' : ''}${(timing.own / best).toFixed(2)}`
    const cells = [timing.own, timing.first, timing.brute, timing.default, timing.fast_hdbscan]
    return `| ${timing.n} × ${timing.d} | ${cells.map(seconds).join(' | ')} | ${share} |`
  })
  return [
    '## Time',
    'Seconds, best of several runs, each size side by side in one run: ten clusters and a fifth of noise, float32, minimum',
    'cluster size 10, Euclidean. Ours is one thread; the others may use every core. fast_hdbscan is given weights of 1, without which its',
    'neighbours are approximate beyond 30 dimensions.',
    '',
    '| rows × dimensions | ours | ours, first run | scikit-learn brute | scikit-learn default | fast_hdbscan | ours / scikit-learn’s best |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n')
}
