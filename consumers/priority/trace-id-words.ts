/** A trace id is 32 hex digits: four words of 32 bits. */
export const ID_WORDS = 4
const DIGITS = 8

export const idWords = (traceId: string, into: Uint32Array, at: number): void => {
  for (let word = 0; word < ID_WORDS; word++)
    into[at + word] = Number.parseInt(traceId.slice(word * DIGITS, (word + 1) * DIGITS), 16)
}

export const traceIdAt = (ids: Uint32Array, at: number): string => {
  let text = ''
  for (let word = 0; word < ID_WORDS; word++)
    text += (ids[at + word] as number).toString(16).padStart(DIGITS, '0')
  return text
}
