/**
 * e-BH (Wang & Ramdas 2022): of K e-values the k̂ largest are discoveries, k̂ = max{k : e₍ₖ₎ ≥ K/(alpha·k)}. The false
 * discovery rate is at most alpha under any dependence. Answers which positions are discoveries.
 */
export const eBenjaminiHochberg = (
  eValues: readonly number[],
  alpha: number,
): ReadonlySet<number> => {
  const order = eValues
    .map((_, index) => index)
    .sort((i, j) => (eValues[j] ?? 0) - (eValues[i] ?? 0))
  const last = order.findLastIndex(
    (index, place) => (eValues[index] ?? 0) >= eValues.length / (alpha * (place + 1)),
  )
  return new Set(order.slice(0, last + 1))
}
