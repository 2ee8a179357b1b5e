interface Block {
  readonly mean: number
  readonly weight: number
  readonly length: number
}

/**
 * The non-decreasing sequence nearest to the values in weighted squares, by pooling adjacent violators, O(n). Weights are
 * positive. Equal to `sklearn.isotonic.isotonic_regression`.
 * @example isotonicRegression([1, 3, 2], [1, 1, 1]) // [1, 2.5, 2.5]
 */
export const isotonicRegression = (
  values: readonly number[],
  weights: readonly number[],
): readonly number[] => {
  const blocks: Block[] = []
  for (const [place, value] of values.entries()) {
    let block: Block = { mean: value, weight: weights[place] ?? 1, length: 1 }
    for (let last = blocks.at(-1); last !== undefined && last.mean >= block.mean; ) {
      blocks.pop()
      block = pooled(last, block)
      last = blocks.at(-1)
    }
    blocks.push(block)
  }
  return blocks.flatMap(({ mean, length }) => Array.from({ length }, () => mean))
}

const pooled = (a: Block, b: Block): Block => {
  const weight = a.weight + b.weight
  return {
    mean: (a.mean * a.weight + b.mean * b.weight) / weight,
    weight,
    length: a.length + b.length,
  }
}
