import { randomInt } from 'node:crypto'
import { fuzzOtlp, type Tally } from './fuzz-otlp.ts'

/** With another seed each time, which is printed; FUZZ_SEED repeats one. */
export const runFuzz = (payloads: number): Tally => {
  const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))
  process.stderr.write(`${payloads} mutated payloads, FUZZ_SEED=${seed}\n`)
  return fuzzOtlp(seed, payloads)
}
