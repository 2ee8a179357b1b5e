// An agent that records one span and ends in the way that it is told.
import { trace } from '@opentelemetry/api'

const { END } = process.env
trace.getTracer('agent').startSpan(`ends by ${END}`).end()

const ends = {
  work: () => {
    process.exitCode = 7
  },
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('boom')
  },
  rejection: () => void Promise.reject(new Error('boom')),
  unsettled: () => new Promise(() => {}),
  timer: () => void setTimeout(() => process.stdout.write('late'), 200),
  beforeExit: () => {
    let rounds = 0
    process.on('beforeExit', () => {
      if (++rounds <= 3) setTimeout(() => process.stdout.write(String(rounds)), 5)
    })
  },
  signal: () => {
    setInterval(() => {}, 1000)
    process.stdout.write('ready')
  },
  ownHandler: () => {
    setInterval(() => {}, 1000)
    process.on('SIGTERM', () => process.exit(9))
    process.stdout.write('ready')
  },
}
await ends[END]()
