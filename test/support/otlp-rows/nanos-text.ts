/** The last nanosecond that DateTime64(9) holds, in April 2262; OTLP's 64 unsigned bits go on to 2554. */
const LAST_NANOS = 2n ** 63n - 1n
const NANOS_PER_MS = 1_000_000n

/** Nanoseconds since 1970 in ClickHouse's text form, UTC, e.g. `2026-03-01 10:00:00.123456789`. Later times are the last. */
export const nanosText = (nanos: bigint): string => {
  const held = nanos > LAST_NANOS ? LAST_NANOS : nanos
  const iso = new Date(Number(held / NANOS_PER_MS)).toISOString()
  const belowMs = String(held % NANOS_PER_MS).padStart(6, '0')
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}${belowMs}`
}
