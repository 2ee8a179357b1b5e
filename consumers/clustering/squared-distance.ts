/**
 * Squared Euclidean distance of row i of `a` and row j of `b`. The one kernel of every pass: equal pairs must give
 * equal bits, or ties break. Differences are squared in a fixed order and are symmetric in (i, j).
 */
export const squaredDistance = (
  a: Float64Array,
  i: number,
  { values: b, dimensions }: { readonly values: Float64Array; readonly dimensions: number },
  j: number,
): number => {
  let p = i * dimensions
  let q = j * dimensions
  const end = p + dimensions
  let even = 0
  let odd = 0
  for (; p + 1 < end; p += 2, q += 2) {
    const first = (a[p] as number) - (b[q] as number)
    const second = (a[p + 1] as number) - (b[q + 1] as number)
    even += first * first
    odd += second * second
  }
  if (p < end) {
    const last = (a[p] as number) - (b[q] as number)
    even += last * last
  }
  return even + odd
}
