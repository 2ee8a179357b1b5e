export interface PriorityFactors {
  readonly failures: number
  readonly meanScore: number
  readonly recency: number
}

/** λ in 1/h of a half-life in hours. */
export const lambdaOf = (halfLifeHours: number): number => Math.LN2 / halfLifeHours

/** How fresh a cluster is, exp(−λ·Δt) in (0, 1]; 1 at Δt = 0, ½ after one half-life. */
export const recencyOf = (hoursSinceLatest: number, halfLifeHours: number): number =>
  Math.exp(-lambdaOf(halfLifeHours) * hoursSinceLatest)

/**
 * What a cluster costs now: failures × severity × freshness, `f · (1 − s̄) · exp(−λ·Δt)`, exactly the product of the
 * three numbers that are shown. No failures give 0. To sort, use `rankKey`: the same order at every time.
 * @example priorityScore({ failures: 8, meanScore: 0.25, recency: 0.5 }) // 3
 */
export const priorityScore = ({ failures, meanScore, recency }: PriorityFactors): number =>
  failures * (1 - meanScore) * recency

/**
 * Sorts clusters as their priorities do, whenever it is asked: ln f + ln(1 − s̄) + λ·t_latest, higher first. The time of
 * asking multiplies every priority alike and drops out. No failures, or a mean score of 1, give −∞.
 */
export const rankKey = (
  {
    failures,
    meanScore,
    latestMs,
  }: { readonly failures: number; readonly meanScore: number; readonly latestMs: number },
  halfLifeHours: number,
): number =>
  Math.log(failures) + Math.log(1 - meanScore) + (lambdaOf(halfLifeHours) * latestMs) / 3_600_000
