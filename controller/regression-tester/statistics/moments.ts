/** NaN without values. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Sample variance, divisor n − 1; NaN below two values. */
export const varianceOf = (values: readonly number[]): number => {
  const mean = meanOf(values)
  return values.length < 2
    ? Number.NaN
    : values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1)
}

/** Sample covariance of pairs by position, divisor n − 1; NaN below two pairs. */
export const covarianceOf = (xs: readonly number[], ys: readonly number[]): number => {
  const [meanX, meanY] = [meanOf(xs), meanOf(ys)]
  return xs.length < 2
    ? Number.NaN
    : xs.reduce((sum, x, i) => sum + (x - meanX) * ((ys[i] ?? Number.NaN) - meanY), 0) /
        (xs.length - 1)
}
