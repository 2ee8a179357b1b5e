import { ConfigError } from '../../../schemas/errors.ts'

/** A request of Kafka's protocol in a range of its versions. */
export interface Api {
  readonly key: number
  readonly least: number
  readonly most: number
}

export type NeededApis = Readonly<Record<string, Api>>

/**
 * Requests without which there is no reading, no writing or no group, in the versions that each client library can send.
 * What is needed for less (making topics, reading their settings, the lag) is refused by the library where it is asked for.
 */
export const KAFKAJS_APIS = {
  Produce: { key: 0, least: 3, most: 7 },
  Fetch: { key: 1, least: 4, most: 11 },
  ListOffsets: { key: 2, least: 1, most: 3 },
  Metadata: { key: 3, least: 1, most: 6 },
  OffsetCommit: { key: 8, least: 2, most: 5 },
  OffsetFetch: { key: 9, least: 1, most: 4 },
  FindCoordinator: { key: 10, least: 0, most: 2 },
  JoinGroup: { key: 11, least: 0, most: 5 },
  Heartbeat: { key: 12, least: 0, most: 3 },
  LeaveGroup: { key: 13, least: 0, most: 3 },
  SyncGroup: { key: 14, least: 0, most: 3 },
  InitProducerId: { key: 22, least: 0, most: 1 },
} as const satisfies NeededApis

/** Topics are fetched by their ids, which came with Fetch 13 and Metadata 10; several groups are asked at once since OffsetFetch 8. */
export const PLATFORMATIC_APIS = {
  Produce: { key: 0, least: 3, most: 11 },
  Fetch: { key: 1, least: 13, most: 17 },
  ListOffsets: { key: 2, least: 1, most: 9 },
  Metadata: { key: 3, least: 10, most: 12 },
  OffsetCommit: { key: 8, least: 2, most: 9 },
  OffsetFetch: { key: 9, least: 8, most: 9 },
  FindCoordinator: { key: 10, least: 0, most: 6 },
  JoinGroup: { key: 11, least: 0, most: 9 },
  Heartbeat: { key: 12, least: 0, most: 4 },
  LeaveGroup: { key: 13, least: 0, most: 5 },
  SyncGroup: { key: 14, least: 0, most: 5 },
  InitProducerId: { key: 22, least: 0, most: 5 },
} as const satisfies NeededApis

/** Where the broker offers no version of a request that the library can send. @throws ConfigError `log-refused` */
export const refuseMissingApis = (
  what: string,
  needed: NeededApis,
  offered: readonly Api[],
): void => {
  const missing = Object.entries(needed).flatMap(([name, api]) => {
    const has = offered.find(({ key }) => key === api.key)
    if (has !== undefined && has.least <= api.most && has.most >= api.least) return []
    return [`${name} ${rangeOf(api)} (it has ${has === undefined ? 'none' : rangeOf(has)})`]
  })
  if (missing.length > 0)
    throw new ConfigError(
      'log-refused',
      `${what}: the broker's protocol lacks ${missing.join(', ')}; another version of Kafka, or eventLog.client, may serve.`,
    )
}

const rangeOf = ({ least, most }: Api): string =>
  least === most ? String(least) : `${least}–${most}`
