/** How much more often two failures of one task share a cluster than any two failures do. Labels below 0 are noise. */
export const pairLift = (labels: readonly number[], tasks: readonly unknown[]): number => {
  let together = 0
  let pairs = 0
  let togetherOfTask = 0
  let pairsOfTask = 0
  for (const [i, label] of labels.entries())
    for (let j = i + 1; j < labels.length; j++) {
      const shares = label >= 0 && label === labels[j] ? 1 : 0
      const ofTask = tasks[i] === tasks[j] ? 1 : 0
      pairs++
      together += shares
      pairsOfTask += ofTask
      togetherOfTask += shares * ofTask
    }
  return togetherOfTask / pairsOfTask / (together / pairs)
}
