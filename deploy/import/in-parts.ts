import type { Logs, Traces } from '../../pipeline/otlp/otlp-types.ts'

/** Well below what a receiver takes at once: a file may hold everything in one request. */
const MOST_BYTES = 4 * 1024 * 1024

/** The request in encoded parts that are small enough, halved as often as it takes; one span alone stays whole. */
export const inParts = <Request extends Traces | Logs>(
  request: Request,
  encode: (request: Request) => Uint8Array,
  halves: (request: Request) => readonly Request[],
): readonly Uint8Array[] => {
  const body = encode(request)
  if (body.length <= MOST_BYTES) return [body]
  const parts = halves(request)
  return parts.length < 2 ? [body] : parts.flatMap((part) => inParts(part, encode, halves))
}

export const halvesOfTraces = ({ resourceSpans }: Traces): readonly Traces[] => {
  const count = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  return halved(count.length, (isKept) => ({
    resourceSpans: resourceSpans
      .map((ofResource) => ({
        ...ofResource,
        scopeSpans: ofResource.scopeSpans
          .map((ofScope) => ({ ...ofScope, spans: ofScope.spans.filter(isKept) }))
          .filter(({ spans }) => spans.length > 0),
      }))
      .filter(({ scopeSpans }) => scopeSpans.length > 0),
  }))
}

export const halvesOfLogs = ({ resourceLogs }: Logs): readonly Logs[] => {
  const count = resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords),
  )
  return halved(count.length, (isKept) => ({
    resourceLogs: resourceLogs
      .map((ofResource) => ({
        ...ofResource,
        scopeLogs: ofResource.scopeLogs
          .map((ofScope) => ({ ...ofScope, logRecords: ofScope.logRecords.filter(isKept) }))
          .filter(({ logRecords }) => logRecords.length > 0),
      }))
      .filter(({ scopeLogs }) => scopeLogs.length > 0),
  }))
}

/** `keep` asks for its items in order; the first half of them and the rest. What holds none is left out: it would weigh on every part. */
const halved = <Request>(
  count: number,
  keep: (isKept: () => boolean) => Request,
): readonly Request[] => {
  if (count < 2) return []
  const middle = Math.ceil(count / 2)
  let [first, second] = [0, 0]
  return [keep(() => first++ < middle), keep(() => second++ >= middle)]
}
