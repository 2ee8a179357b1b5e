/** Resolves at the first SIGINT, SIGTERM or SIGHUP. The next one ends the process at once, and its children with it. */
export const untilSignal = async (): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isStopping = false
  const onSignal = (): void => {
    if (isStopping) process.exit(130)
    isStopping = true
    resolve()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  await promise
}
