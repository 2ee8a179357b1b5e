const SEED = 0x9747b28c
const M = 0x5bd1e995

/**
 * MurmurHash2 of 32 bits with the seed of Kafka's Java client, as a signed integer.
 * Same values as `org.apache.kafka.common.utils.Utils.murmur2`.
 */
export const murmur2 = (data: Uint8Array): number => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const whole = data.byteLength & ~3
  let hash = SEED ^ data.byteLength
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(view.getInt32(at, true), M)
    word ^= word >>> 24
    hash = Math.imul(hash, M) ^ Math.imul(word, M)
  }
  hash = mixTail(hash, data.subarray(whole))
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

const mixTail = (hash: number, tail: Uint8Array): number => {
  if (tail.length === 0) return hash
  const word = tail.reduceRight((sum, byte) => (sum << 8) | byte, 0)
  return Math.imul(hash ^ word, M)
}

const text = new TextEncoder()

/** The hash of a key without its sign bit: what Java's default partitioner and ClickHouse's `kafkaMurmurHash` use. */
export const kafkaMurmurHash = (key: string): number => murmur2(text.encode(key)) & 0x7fffffff

/** The partition of a key, the same as every Kafka client with Java's default partitioner chooses. */
export const partitionOfKey = (key: string, partitions: number): number =>
  kafkaMurmurHash(key) % partitions
