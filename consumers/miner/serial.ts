/** Runs what it is given one after the other: nobody sees the state between two awaits of another. */
export type Serial = <Result>(work: () => Promise<Result>) => Promise<Result>

export const createSerial = (): Serial => {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work, work)
    last = result.catch(() => undefined)
    return result
  }
}
