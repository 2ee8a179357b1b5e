/** The share of sessions after `weight`, by the policy's steps; null where the next step is the promotion. */
export const nextWeight = (steps: readonly number[], weight: number): number | null => {
  const larger = steps.filter((step) => step > weight)
  return larger.length === 0 ? null : Math.min(...larger)
}
