/** Cuts the text and takes the fence's own marks out of it, so that recorded text cannot close the fence. */
export const fence = (text: string | null, mostChars: number): string =>
  `<<<\n${(text ?? 'none').slice(0, mostChars).replace(/<{2,}|>{2,}/g, ' ')}\n>>>`
