// 36 bits for the offset leave 17 for the partition in an exact number.
const OFFSETS = 2 ** 36

/** Key of a record: its partition's id and its offset in one integer, ordered by both. */
export const placeOf = (partitionId: number, offset: number): number =>
  partitionId * OFFSETS + offset

export const offsetOf = (place: number): number => place % OFFSETS
