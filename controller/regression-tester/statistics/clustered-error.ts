import { meanOf } from './moments.ts'

/**
 * Standard error of a mean whose observations come in clusters (sessions, users, templates): SE² = Σ_c(Σ_{i∈c}(x_i − x̄))²/n²
 * (Liang & Zeger 1986; Miller 2024, arXiv 2411.00640). `corrected` multiplies by √(G/(G − 1)), G clusters, as statsmodels does.
 * NaN without values, and corrected with a single cluster.
 */
export const clusteredStandardError = (
  values: readonly number[],
  clusterOf: (index: number) => string | number,
  corrected = false,
): number => {
  const mean = meanOf(values)
  const sums = new Map<string | number, number>()
  for (const [index, value] of values.entries()) {
    const cluster = clusterOf(index)
    sums.set(cluster, (sums.get(cluster) ?? 0) + value - mean)
  }
  const square = [...sums.values()].reduce((sum, x) => sum + x * x, 0) / values.length ** 2
  return Math.sqrt(square * (corrected ? sums.size / (sums.size - 1) : 1))
}
